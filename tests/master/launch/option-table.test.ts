import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { optionFaults } from '../../../src/master/launch/option-table.ts';

describe('optionFaults', () => {
  it('has nothing to say of what is right, or not given', () => {
    const options = {
      count: 4,
      name: 'chat',
      maxPackageSize: 0,
      drainTimeout: 0.5,
      ordered: true,
      user: undefined,
    };
    assert.deepEqual(
      optionFaults({ ...options, onMessage: () => {}, onClose: null, ssl: { local_cert: 'a' } }),
      {
        unknown: [],
        wrong: [],
      },
    );
  });

  it('knows what was probably meant', () => {
    assert.deepEqual(optionFaults({ maxPackageSise: 1, nonsense: 1 }).unknown, [
      'there is no option maxPackageSise; did you mean maxPackageSize?',
      'there is no option nonsense; leave it out',
    ]);
  });

  const wrong: readonly [name: string, value: unknown, says: string][] = [
    ['maxPackageSize', '1mb', 'maxPackageSize has to be a number from 0 on, not "1mb"'],
    ['drainTimeout', Number.NaN, 'drainTimeout has to be a number from 0 on, not NaN'],
    ['pingInterval', -1, 'pingInterval has to be a number from 0 on, not -1'],
    ['count', 0, 'count has to be a whole number from 1 on, not 0'],
    ['count', '4', 'count has to be a whole number from 1 on, not "4"'],
    ['ordered', 'yes', 'ordered has to be true or false, not "yes"'],
    ['user', '', 'user has to be a text, not ""'],
    ['onMessage', 'send', 'onMessage has to be a function, not "send"'],
  ];
  for (const [name, value, says] of wrong) {
    it(`says: ${says}`, () => assert.deepEqual(optionFaults({ [name]: value }).wrong, [says]));
  }
});
