import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { type PlanOptions, PROXIES } from '../../src/front/plan.ts';
import { printed } from './configurations.ts';

const letters = fc.string({ unit: fc.constantFrom(...'abcXYZ019-._~'), minLength: 1, maxLength: 12 });

describe('configurationFor', () => {
  for (const proxy of PROXIES) {
    it(`${proxy}: is text with one line end at its end, no trailing blanks, and nothing left open`, () => {
      const text = printed(proxy, { http2: true, upstreams: ['127.0.0.1:1', '127.0.0.1:2'] });
      assert.match(text, /[^\n]\n$/);
      assert.doesNotMatch(text, /[ \t]$|undefined|null|NaN|\[object/m);
      assert.equal(text.match(/\{/g)?.length, text.match(/\}/g)?.length);
    });

    it(`${proxy}: begins with the options of the worker`, () => {
      assert.match(
        printed(proxy),
        /^# wss:\/\/domain\.com\/wss with .*\n#\n# {3}new Worker\('websocket:\/\/127\.0\.0\.1:8282'/,
      );
    });

    it(`${proxy}: what is typed changes only the places that are meant for it`, () => {
      const shape = (options: Partial<PlanOptions>): number => printed(proxy, options).split('\n').length;
      const usual = shape({ certificate: '/a', key: proxy === 'haproxy' ? '/a' : '/b' });
      fc.assert(
        fc.property(letters, letters, letters, (one, other, third) => {
          const options = { path: `/${one}/${other}`, certificate: `/${third}`, key: `/${third}` };
          let lines: number;
          try {
            lines = shape(options);
          } catch (error) {
            assert.match((error as Error).message, /may have letters, digits/);
            return;
          }
          assert.equal(lines, usual);
        }),
        { numRuns: 200 },
      );
    });
  }
});
