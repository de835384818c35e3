/** Which process does what is due, and that a reload neither loses nor doubles it. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { Script } from '../fixtures/script.ts';

/** Seconds at which a job was done, by its name; each as often as it was. */
function done(output: string): Map<string, number[]> {
  const jobs = new Map<string, number[]>();
  for (const [, name = '', second] of output.matchAll(/^(outside|first|all|other) (\d+) \w+ \d+$/gm))
    jobs.set(name, [...(jobs.get(name) ?? []), Number(second)]);
  return jobs;
}

it('one process, or each, at each tick, and over a reload too', { timeout: 20_000 }, async () => {
  const script = new Script('tests/master/cron-service.js');
  try {
    await script.printed(/^(first \d+ .*\n[\s\S]*){2}/m);
    script.process.kill('SIGUSR2');
    await script.printed(/reload 1 is done/);
    const { length } = script.output;
    await script.printed(new RegExp(`[\\s\\S]{${length}}(first \\d+ .*\\n[\\s\\S]*){2}`));
  } finally {
    await script.end();
  }
  const jobs = done(script.output);
  assert.deepEqual([...jobs.keys()].sort(), ['all', 'first', 'other', 'outside']);
  for (const [name, seconds] of jobs) {
    const [begin = 0, end = 0] = [seconds[0], seconds.at(-1)];
    // Of the first and the last second, somebody may not have begun, or not have printed.
    for (let second = begin + 1; second < end; second++) {
      const times = seconds.filter((one) => one === second).length;
      assert.equal(times, name === 'all' ? 2 : 1, `${name} at ${second}:\n${script.output}`);
    }
    assert.ok(end - begin >= 2, `${name}:\n${script.output}`);
  }
  const outside = [...script.output.matchAll(/^outside \d+ one (\d+)$/gm)].map(([, pid]) => pid);
  const first = [...script.output.matchAll(/^first \d+ one (\d+)$/gm)].map(([, pid]) => pid);
  assert.deepEqual(new Set(outside), new Set(first), 'both in the first process of the first worker');
  assert.equal(new Set(first).size, 2, 'one before the reload, one behind it');
});
