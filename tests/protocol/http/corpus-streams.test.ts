import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Reading, readStream } from './corpus-reading.ts';
import { Dice, randomCuts, randomStream } from './corpus-streams.ts';
import { pieces } from './cuts.ts';

const STREAMS = 10_000;

describe('random streams', () => {
  it('10,000 are read the same whole, byte by byte and in random pieces', () => {
    const readings = Array.from({ length: STREAMS }, (_, seed) => readingOf(seed));
    const refused = readings.filter(({ refusal }) => refusal !== undefined).length;
    const cutOff = readings.filter(({ midMessage }) => midMessage).length;
    const requests = readings.reduce((sum, reading) => sum + reading.requests.length, 0);
    const mixed = `${refused} of ${STREAMS} are refused, ${cutOff} cut off; ${requests} requests`;
    assert.ok(
      refused > STREAMS / 4 && refused < STREAMS / 2 && cutOff > STREAMS / 20 && requests > STREAMS,
      mixed,
    );
  });
});

/** What the stream of this seed means, however it arrives. */
function readingOf(seed: number): Reading {
  const stream = randomStream(seed);
  const whole = readStream([Buffer.from(stream)]);
  assert.deepEqual(readStream(pieces(stream, 1)), whole, `seed ${seed}, byte by byte`);
  assert.deepEqual(readStream(randomCuts(stream, new Dice(~seed))), whole, `seed ${seed}, in pieces`);
  return whole;
}
