import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { handOver, type Logger } from '../../../src/worker/log/logger.ts';

describe('handOver', () => {
  it('calls the level with fields and sentence, as pino has them', () => {
    const calls: unknown[][] = [];
    const hear = (level: string) => (fields: object, text: string) => calls.push([level, fields, text]);
    const logger: Logger = {
      debug: hear('debug'),
      info: hear('info'),
      warn: hear('warn'),
      error: hear('error'),
    };
    const entry = { time: 'now', pid: 1, event: 'usta:x' };
    const error = new Error('boom');
    handOver(logger, { ...entry, level: 'warn', text: 'a\nb', fields: { code: 7 } });
    handOver(logger, { ...entry, level: 'error', text: 'c', error });
    handOver(logger, { ...entry, level: 'debug', text: 'd' });
    handOver(logger, { ...entry, level: 'info', text: 'e' });
    assert.deepEqual(calls, [
      ['warn', { event: 'usta:x', code: 7 }, 'a\\nb'],
      ['error', { event: 'usta:x', err: error }, 'c'],
      ['debug', { event: 'usta:x' }, 'd'],
      ['info', { event: 'usta:x' }, 'e'],
    ]);
  });
});
