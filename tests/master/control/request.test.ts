import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { UsageError } from '../../../src/errors.ts';
import { readRequest, UNREADABLE } from '../../../src/master/control/request.ts';

const GOOD = [
  { version: 1, command: 'status' },
  { version: 1, command: 'connections' },
  { version: 1, command: 'connections', worker: 'chat' },
  { version: 1, command: 'stop', graceful: false },
  { version: 1, command: 'stop', graceful: true, worker: 'chat' },
  { version: 1, command: 'reload', graceful: true },
  { version: 1, command: 'scale', worker: 'chat', count: 4 },
  { version: 7, command: 'hello' },
];

const BAD: readonly [line: string, code: string, message: RegExp][] = [
  ['', UNREADABLE, /^a request is one line with a JSON object/],
  ['GET / HTTP/1.1', UNREADABLE, /JSON object/],
  ['null', UNREADABLE, /JSON object/],
  ['[{"version":1}]', UNREADABLE, /JSON object/],
  ['"status"', UNREADABLE, /JSON object/],
  ['{"command":"status"}', 'E_CONTROL_VERSION', /version 1, not none: use the usta that has started it/],
  ['{"version":2,"command":"status"}', 'E_CONTROL_VERSION', /version 1, not 2/],
  ['{"version":"1","command":"status"}', 'E_CONTROL_VERSION', /not "1"/],
  ['{"version":1,"command":"relaod"}', 'E_COMMAND', /does not know "relaod"; did you mean reload\?$/],
  ['{"version":1,"command":"explode"}', 'E_COMMAND', /there are status, connections, stop, reload, scale$/],
  ['{"version":1,"command":"constructor"}', 'E_COMMAND', /there are/],
  ['{"version":1}', 'E_COMMAND', /does not know none/],
  ['{"version":1,"command":{}}', 'E_COMMAND', /does not know \{\}/],
  ['{"version":1,"command":"stop"}', 'E_CONTROL_FIELD', /^stop needs graceful as true or false$/],
  ['{"version":1,"command":"stop","graceful":1}', 'E_CONTROL_FIELD', /graceful/],
  [
    '{"version":1,"command":"stop","graceful":true,"worker":""}',
    'E_CONTROL_FIELD',
    /^stop needs worker as a text$/,
  ],
  [
    '{"version":1,"command":"stop","graceful":true,"slot":3}',
    'E_CONTROL_FIELD',
    /^stop has no field "slot"$/,
  ],
  ['{"version":1,"command":"status","__proto__":{}}', 'E_CONTROL_FIELD', /no field "__proto__"/],
  [
    '{"version":1,"command":"scale","worker":"a"}',
    'E_CONTROL_FIELD',
    /^scale needs count as a whole number$/,
  ],
  ['{"version":1,"command":"scale","worker":"a","count":-1}', 'E_CONTROL_FIELD', /count/],
  ['{"version":1,"command":"scale","worker":"a","count":1.5}', 'E_CONTROL_FIELD', /count/],
  ['{"version":1,"command":"scale","count":1}', 'E_CONTROL_FIELD', /worker/],
];

describe('readRequest', () => {
  for (const request of GOOD) {
    it(`reads ${JSON.stringify(request)}`, () => {
      assert.deepEqual(readRequest(JSON.stringify(request)), request);
    });
  }

  for (const [line, code, message] of BAD) {
    it(`refuses ${line || 'nothing'}`, () => {
      assert.throws(() => readRequest(line), { code, message });
    });
  }

  it('answers any JSON with a request or a UsageError of one short line', () => {
    const anything = fc.oneof(
      fc.json(),
      fc.string(),
      fc.record({ version: fc.constant(1), command: fc.jsonValue() }).map((one) => JSON.stringify(one)),
      fc
        .tuple(
          fc.constantFrom('stop', 'reload', 'scale', 'connections'),
          fc.dictionary(fc.string(), fc.jsonValue()),
        )
        .map(([command, fields]) => JSON.stringify({ ...fields, version: 1, command })),
    );
    fc.assert(
      fc.property(anything, (line) => {
        try {
          assert.equal(typeof readRequest(line).command, 'string');
        } catch (error) {
          assert.ok(error instanceof UsageError);
          assert.match(error.message, /^[^\n]{1,300}$/);
        }
      }),
    );
  });
});
