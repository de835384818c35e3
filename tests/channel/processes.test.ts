import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { Script } from '../fixtures/script.ts';

const room = mkdtempSync(join(tmpdir(), 'usta-channel-'));
const scripts: Script[] = [];
after(async () => {
  await Promise.all(scripts.map((script) => script.end()));
  rmSync(room, { recursive: true });
});

let clusters = 0;

/** Starts processes that meet each other, and nobody else. */
function cluster(): (act: string, env?: Readonly<Record<string, string>>) => Script {
  const directory = join(room, `${++clusters}`);
  return (act, env = {}) => {
    const script = new Script('tests/channel/channel-process.js', [act], {
      USTA_RUNTIME_DIR: directory,
      ...env,
    });
    scripts.push(script);
    return script;
  };
}

const all = (output: string, pattern: RegExp): string[] =>
  [...output.matchAll(pattern)].map((match) => match[1] ?? '');

describe('jobs between processes', () => {
  it('of several producers are all done, though watchers are killed in the middle of one', async () => {
    const start = cluster();
    const producers = ['a', 'b', 'c'].map((NAME) => start('enqueue', { NAME, COUNT: '300' }));
    const victims = [start('watch', { MS: '60000' }), start('watch', { MS: '60000' })];
    const watchers = [...victims, start('watch', { MS: '5' })];
    for (const victim of victims) {
      await victim.printed(/begin/);
      await victim.end('SIGKILL');
      watchers.push(start('watch', { MS: '0' }));
    }
    for (const producer of producers) {
      const [, counts = ''] = await producer.printed(/all done (.*)/);
      assert.deepEqual(JSON.parse(counts), { waiting: 0, given: 0, done: 300, refused: 0, lost: 0 });
    }
    const outputs = watchers.map(({ output }) => output);
    const ended = outputs.flatMap((output) => all(output, /end (\S+)/g));
    const expected = ['a', 'b', 'c'].flatMap((name) =>
      Array.from({ length: 300 }, (_, job) => `${name}-${job}`),
    );
    assert.deepEqual([...new Set(ended)].sort(), expected.sort());
    assert.equal(ended.length, expected.length, 'none that was not with those who were killed is done twice');
    const again = outputs.flatMap((output) => all(output, /begin (\S+ [2-9])/g));
    assert.ok(again.length >= 1 && again.length <= 12, `given again: ${again}`);
  });

  it('are spread evenly over watchers that are equally fast', async () => {
    const start = cluster();
    const watchers = Array.from({ length: 3 }, () => start('watch', { MS: '2', CONCURRENCY: '1' }));
    await Promise.all(watchers.map((watcher) => watcher.printed(/ready/)));
    await start('enqueue', { COUNT: '300' }).printed(/all done/);
    const shares = watchers.map(({ output }) => all(output, /end (\S+)/g).length);
    assert.equal(
      shares.reduce((sum, one) => sum + one),
      300,
    );
    for (const share of shares) assert.ok(share >= 70 && share <= 130, `${shares}`);
  });
});

describe('what a process publishes', () => {
  it('comes to all others in order, across events, from before it had joined', async () => {
    const start = cluster();
    const hearers = [start('hear'), start('hear')];
    await Promise.all(hearers.map((hearer) => hearer.printed(/ready/)));
    start('publish', { COUNT: '1000' });
    const expected = Array.from(
      { length: 1000 },
      (_, number) => `${number % 2 === 0 ? 'even' : 'odd'} ${number}`,
    );
    for (const hearer of hearers) {
      await hearer.printed(/odd 999\n/);
      assert.deepEqual(all(hearer.output, /^((?:even|odd) \d+)$/gm), expected);
    }
  });
});
