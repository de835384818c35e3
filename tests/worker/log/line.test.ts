import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { LogEntry } from '../../../src/worker/log/entry.ts';
import { errorText, formatLine } from '../../../src/worker/log/line.ts';

function entry(given: Partial<LogEntry> = {}): LogEntry {
  const time = '2026-11-22T06:44:02.123Z';
  return { time, pid: 4101, level: 'warn', event: 'usta:log', text: 'something happened', ...given };
}

const STACK =
  'Error: boom\n    at handler (file:///srv/server.ts:12:3)\n    at call (file:///srv/other.ts:1:1)';

function failure(message: string = 'boom', stack: string = STACK): Error {
  const error = new Error(message);
  error.stack = stack;
  return error;
}

describe('formatLine: text', () => {
  it('is time, pid and sentence', () => {
    assert.equal(formatLine(entry(), 'text'), '2026-11-22T06:44:02.123Z pid:4101 something happened\n');
  });

  it('has a stack trace on the same line', () => {
    const line = formatLine(entry({ text: 'onMessage failed', error: failure() }), 'text');
    assert.match(
      line,
      /pid:4101 onMessage failed: Error: boom \| at handler \(file:.*:12:3\) \| at call .*\n$/,
    );
    assert.equal(line.indexOf('\n'), line.length - 1);
  });

  it('has the cause of an error, too', () => {
    const error = new Error('outer', { cause: new RangeError('inner') });
    assert.match(errorText(error), /Error: outer .*\[cause\]: RangeError: inner/);
  });

  it('shows whatever was thrown, and survives what cannot be shown', () => {
    assert.equal(errorText('text'), 'text');
    assert.equal(errorText(undefined), 'undefined');
    assert.equal(errorText({ code: 7 }), '{ code: 7 }');
    assert.equal(errorText(Object.create(null)), '[Object: null prototype] {}');
    const hostile = {
      [Symbol.for('nodejs.util.inspect.custom')]() {
        throw new Error('no');
      },
    };
    assert.equal(errorText(hostile), 'something that cannot be shown');
  });
});

describe('formatLine: pretty', () => {
  it('has a stack trace on indented lines', () => {
    const lines = formatLine(entry({ text: 'onMessage failed', error: failure() }), 'pretty').split('\n');
    assert.match(lines[0] ?? '', /pid:4101 onMessage failed: Error: boom$/);
    assert.equal(lines[1], '    at handler (file:///srv/server.ts:12:3)');
  });

  it('never lets a message of an error look like a line of the log', () => {
    const error = failure('x', 'Error: x\n2026-11-22T06:44:02.123Z pid:1 forged\n    at handler');
    const lines = formatLine(entry({ error }), 'pretty').trimEnd().split('\n');
    for (const line of lines.slice(1)) assert.match(line, /^ {4}\S/);
  });
});

describe('formatLine: json', () => {
  it('is one object: time, level, pid, event, sentence and fields', () => {
    const line = formatLine(entry({ event: 'usta:tls:failed', fields: { cause: 'name', code: 7 } }), 'json');
    assert.equal(
      line,
      '{"time":"2026-11-22T06:44:02.123Z","level":"warn","pid":4101,"event":"usta:tls:failed",' +
        '"message":"something happened","cause":"name","code":7}\n',
    );
  });

  it('has an error as an object of its own', () => {
    const error = Object.assign(failure(), { code: 'E_X' });
    const { error: told } = JSON.parse(formatLine(entry({ error }), 'json')) as { error: unknown };
    assert.deepEqual(told, { name: 'Error', message: 'boom', code: 'E_X', stack: STACK });
    assert.match(formatLine(entry({ error: 'text' }), 'json'), /"error":\{"message":"text"\}\}\n$/);
  });

  it('survives an error that cannot be read', () => {
    const error = new Error('x');
    Object.defineProperty(error, 'stack', {
      get() {
        throw new Error('no');
      },
    });
    assert.match(formatLine(entry({ error }), 'json'), /"message":"something that cannot be shown"/);
  });

  it('lets no field take the place of what every line has', () => {
    const line = formatLine(entry({ fields: { pid: 1, time: 'x', level: 'x', message: 'x' } }), 'json');
    assert.deepEqual(JSON.parse(line), {
      ...{ time: '2026-11-22T06:44:02.123Z', level: 'warn', pid: 4101, event: 'usta:log' },
      message: 'something happened',
    });
  });
});

describe('formatLine', () => {
  const anything = fc.string({ unit: 'binary', maxLength: 200 });

  it('is exactly one line, whatever a peer has sent', () => {
    fc.assert(
      fc.property(anything, anything, anything, (text, reason, message) => {
        for (const format of ['text', 'json'] as const) {
          const line = formatLine(
            entry({ text, fields: { reason }, error: failure(message, `Error: ${message}`) }),
            format,
          );
          assert.doesNotMatch(line.slice(0, -1), /[\p{Cc}\u2028\u2029]/u);
          assert.equal(line.at(-1), '\n');
        }
      }),
    );
  });

  it('is at most 4,096 bytes, so that a pipe takes it whole', () => {
    for (const character of ['x', 'ş', '聊', '\n', '"']) {
      const long = character.repeat(100_000);
      const told = entry({ text: long, fields: { reason: long, remote: long }, error: failure(long, long) });
      for (const format of ['text', 'json', 'pretty'] as const) {
        const line = formatLine(told, format);
        assert.ok(Buffer.byteLength(line) <= 4096, `${format}: ${Buffer.byteLength(line)}`);
        assert.match(line, /more\)/);
        if (format === 'json') JSON.parse(line);
      }
    }
  });
});
