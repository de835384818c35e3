import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it, mock } from 'node:test';
import { publish } from '../../../src/telemetry.ts';
import type { LogDetails } from '../../../src/worker/log/entry.ts';
import { relayTelemetry } from '../../../src/worker/log/relay.ts';

let told: { text: string; details: LogDetails }[];
let stop: () => void;

const failed = (cause: 'garbage' | 'untrusted', port: number): void =>
  publish('usta:tls:failed', { remote: `203.0.113.7:${port}`, local: '', cause, reason: cause });

describe('relayTelemetry', () => {
  beforeEach(() => {
    mock.timers.enable({ apis: ['setTimeout'] });
    told = [];
    stop = relayTelemetry((text, details) => told.push({ text, details }));
  });
  afterEach(() => {
    stop();
    mock.timers.reset();
  });

  it('tells events with their name, level and fields', () => {
    publish('usta:upgrade:refused', { remote: '1.2.3.4:5', status: 403, reason: 'foreign' });
    assert.deepEqual(told, [
      {
        text: '1.2.3.4:5 was refused with 403: foreign',
        details: {
          ...{ event: 'usta:upgrade:refused', level: 'warn' },
          fields: { remote: '1.2.3.4:5', status: 403, reason: 'foreign' },
        },
      },
    ]);
  });

  it('tells ten of a kind in a second, and then how many more there were', () => {
    for (let port = 0; port < 25; port++) failed('garbage', port);
    assert.equal(told.length, 10);
    mock.timers.tick(1000);
    assert.equal(told.length, 11);
    assert.equal(told[10]?.text, '15 more of that kind within a second: usta:tls:failed (garbage)');
    assert.deepEqual(told[10]?.details.fields, { kind: 'garbage', surplus: 15 });
  });

  it('lets a flood of one cause not hide another', () => {
    for (let port = 0; port < 1000; port++) failed('garbage', port);
    failed('untrusted', 1);
    assert.equal(told.at(-1)?.text, 'TLS with 203.0.113.7:1 failed: untrusted');
  });

  it('tells a notice once', () => {
    for (const text of ['a', 'b', 'a']) publish('usta:notice', { text });
    assert.deepEqual(
      told.map(({ text }) => text),
      ['a', 'b'],
    );
  });

  it('remembers only so many notices', () => {
    for (let round = 0; round < 300; round++) {
      for (let one = 0; one < 10; one++) publish('usta:notice', { text: `${round}-${one}` });
      mock.timers.tick(1000);
    }
    publish('usta:notice', { text: '0-0' });
    publish('usta:notice', { text: '299-0' });
    assert.equal(told.at(-1)?.text, '299-0');
    assert.equal(told.filter(({ text }) => text === '0-0').length, 1);
  });

  it('hands on what was thrown', () => {
    const error = new Error('boom');
    publish('usta:handler:failed', { callback: 'onMessage', error });
    assert.equal(told[0]?.details.error, error);
  });

  it('ends', () => {
    stop();
    publish('usta:notice', { text: 'x' });
    assert.deepEqual(told, []);
  });
});
