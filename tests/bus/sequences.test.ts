import assert from 'node:assert/strict';
import { beforeEach, describe, it, mock } from 'node:test';
import { ReceivedNumbers, SentNumbers } from '../../src/bus/remote/sequences.ts';

let time = 0;
mock.method(performance, 'now', () => time);
const always = (): number => 0;

let sent: SentNumbers;
let received: ReceivedNumbers;
beforeEach(() => {
  time = 1_000_000;
  sent = new SentNumbers();
  received = new ReceivedNumbers();
});

/** So many are sent; those with these numbers arrive. @returns how many are found missing. */
function send(count: number, arrive: readonly number[], subject = 'a'): number {
  let missing = 0;
  for (let index = 1; index <= count; index++) {
    const number = sent.next(subject);
    if (arrive.includes(index)) missing += received.take(subject, number);
  }
  return missing;
}

describe('numbers of the frames of one sender', () => {
  it('show each gap once', () => {
    assert.equal(send(6, [1, 2, 5, 6]), 2);
    assert.equal(received.compare(sent.recent(), always), 0);
  });

  it('show what is missing at the end and at the beginning when the sender tells', () => {
    assert.equal(send(6, [3, 4]), 0);
    time += 100;
    assert.equal(received.compare(sent.recent(), always), 4);
    assert.equal(received.compare(sent.recent(), always), 0);
    assert.equal(send(2, [2]), 1);
  });

  it('do not show what was sent before the subscription was in force', () => {
    send(5, []);
    time += 100;
    const since = time;
    assert.equal(send(3, [2, 3]), 0);
    assert.equal(
      received.compare(sent.recent(), () => since),
      0,
    );
    assert.equal(
      received.compare(sent.recent(), () => undefined),
      0,
    );
  });

  it('begin a new series after a minute of silence, and memory ends with it', () => {
    send(3, [1, 2, 3]);
    time += 61_000;
    assert.deepEqual(sent.recent(), {});
    assert.equal(send(3, [3]), 2);
    for (let index = 0; index < 5000; index++) send(1, [1], `s${index}`);
    assert.equal(Object.keys(sent.recent()).length, 1000);
    time += 200_000;
    received.compare({}, always);
    // Nothing is known any more: neither that it came, nor that it did not.
    assert.equal(received.take('a', { series: 1, sequence: 3 }), 0);
  });

  it('tell of those that were used of late', () => {
    send(1, [1], 'early');
    time += 2000;
    send(2, [1, 2], 'late');
    time += 10;
    assert.deepEqual(sent.recent(1000), { late: [2, 2, 10] });
    assert.deepEqual(Object.keys(sent.recent()), ['early', 'late']);
  });

  it('are not troubled by what is played again', () => {
    const first = sent.next('a');
    received.take('a', first);
    time += 61_000;
    const second = sent.next('a');
    received.take('a', second);
    assert.equal(received.take('a', first), 0);
    assert.equal(received.take('a', second), 0);
    assert.equal(received.compare(sent.recent(), always), 0);
  });
});
