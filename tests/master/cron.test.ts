/** Which process does what is due, and that a reload neither loses nor doubles it, and a crash does not double it. */
import assert from 'node:assert/strict';
import process from 'node:process';
import { after, it } from 'node:test';
import { Script } from '../fixtures/script.ts';

/** Seconds at which a job was done, by its name; each as often as it was. */
function done(output: string): Map<string, number[]> {
  const jobs = new Map<string, number[]>();
  for (const [, name = '', second] of output.matchAll(/^(outside|first|all|other) (\d+) \w+ \d+$/gm))
    jobs.set(name, [...(jobs.get(name) ?? []), Number(second)]);
  return jobs;
}

/** Waits until a process has done all that is due in one second, later than what was printed by now. */
async function tick(script: Script): Promise<string> {
  const { length } = script.output;
  const [, second, pid = ''] = await script.printed(
    new RegExp(`[\\s\\S]{${length}}[\\s\\S]*\nfirst (\\d+) one (\\d+)\n`),
  );
  await script.printed(new RegExp(`^all ${second} one ${pid}$`, 'm'));
  return pid;
}

it('one process, or each, at each tick; over a reload and a crash too', { timeout: 20_000 }, async () => {
  const script = new Script('tests/master/cron-service.js');
  after(() => script.end());
  const pids: string[] = [];
  await tick(script);
  pids.push(await tick(script));
  script.process.kill('SIGUSR2');
  await script.printed(/reload 1 is done/);
  pids.push(await tick(script));
  const killedAt = Math.max(...(done(script.output).get('first') ?? []));
  process.kill(Number(pids[1]), 'SIGKILL');
  await script.printed(/worker one process 0 ended with /);
  pids.push(await tick(script));
  await tick(script);
  const jobs = done(script.output);
  assert.deepEqual([...jobs.keys()].sort(), ['all', 'first', 'other', 'outside']);
  for (const [name, seconds] of jobs) {
    const [begin = 0, end = 0] = [seconds[0], seconds.at(-1)];
    // Of the first and the last second, somebody may not have begun, or not have printed.
    for (let second = begin + 1; second < end; second++) {
      const times = seconds.filter((one) => one === second).length;
      const due = name === 'all' ? 2 : 1;
      // Of several that are due before the next process is there, one is done.
      const fits = second > killedAt ? times <= due : times === due;
      assert.ok(fits, `${name} ${times} times at ${second}:\n${script.output}`);
    }
    assert.ok(end - begin >= 2, `${name}:\n${script.output}`);
  }
  const outside = [...script.output.matchAll(/^outside \d+ one (\d+)$/gm)].map(([, pid]) => pid);
  assert.deepEqual([...new Set(outside)], pids, 'process 0 of the first worker, whoever that is');
  assert.equal(new Set(pids).size, 3);
});
