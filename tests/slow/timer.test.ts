/** A thousand ticks on real time. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { Timer } from 'usta';

const TICKS = 1_000;
const INTERVAL = 10;

it('the last of 1,000 ticks of 10 ms is within one interval of its due time', async () => {
  const began = performance.now();
  let ticks = 0;
  const last = await new Promise<number>((resolve) => {
    const id = Timer.add(INTERVAL / 1000, () => {
      ticks++;
      const at = performance.now() - began;
      if (at < TICKS * INTERVAL - INTERVAL / 2) return;
      Timer.del(id);
      resolve(at);
    });
  });
  assert.ok(Math.abs(last - TICKS * INTERVAL) <= INTERVAL, `${last} ms`);
  assert.ok(ticks > TICKS * 0.95 && ticks <= TICKS, `${ticks} ticks`);
});
