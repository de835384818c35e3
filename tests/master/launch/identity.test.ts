import assert from 'node:assert/strict';
import process from 'node:process';
import { describe, it } from 'node:test';
import { identityFault } from '../../../src/master/launch/identity.ts';

const isRoot = process.getuid?.() === 0;

describe('identityFault', () => {
  it('has nothing to say when nobody is to be become', () => {
    assert.equal(identityFault({}), undefined);
  });

  it(isRoot ? 'knows users and groups, and stays who it is' : 'says that it needs root', () => {
    const faults = [
      { user: 'daemon', group: 'daemon' },
      { user: 'nobody-at-all' },
      { group: 'no-such-group' },
    ].map(identityFault);
    const needsRoot = 'user and group need root: start the service as root, or leave them out';
    const asRoot = [undefined, 'there is no user nobody-at-all', 'there is no group no-such-group'];
    assert.deepEqual(faults, isRoot ? asRoot : [needsRoot, needsRoot, needsRoot]);
    if (isRoot) assert.deepEqual([process.geteuid?.(), process.getegid?.()], [0, 0]);
  });
});
