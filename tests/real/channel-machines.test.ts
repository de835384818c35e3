/** The channel between "machines", processes that share nothing but a NATS or Redis server. */
import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { Timer } from 'usta';
import { Script } from '../fixtures/script.ts';
import { natsServer, redisServer, type Server } from './bus/servers.ts';

const scripts: Script[] = [];
const servers: Server[] = [];
after(async () => {
  await Promise.all(scripts.map((script) => script.end()));
  await Promise.all(servers.map((server) => server.remove()));
});

const all = (output: string, pattern: RegExp): string[] =>
  [...output.matchAll(pattern)].map((match) => match[1] ?? '');

/** Each process is a machine of its own. */
type Start = (act: string, env?: Readonly<Record<string, string>>) => Script;

async function cluster(
  make: () => Promise<Server>,
  scheme: string,
): Promise<{ start: Start; server: Server }> {
  const server = await (await make()).start();
  servers.push(server);
  const BUS = `${scheme}://127.0.0.1:${server.port}`;
  const start: Start = (act, env = {}) => {
    const script = new Script('tests/channel/channel-process.js', [act], { BUS, ...env });
    scripts.push(script);
    return script;
  };
  return { start, server };
}

async function watchers(
  start: Start,
  env: Readonly<Record<string, string>>,
  count: number,
): Promise<Script[]> {
  const started = Array.from({ length: count }, () => start('watch', env));
  await Promise.all(started.map((one) => one.printed(/ready/)));
  return started;
}

for (const [scheme, make] of [
  ['nats', natsServer],
  ['redis', redisServer],
] as const) {
  describe(`the channel over ${scheme}`, { timeout: 60_000 }, () => {
    it('jobs are all done, though their watchers are killed in the middle', async () => {
      const { start } = await cluster(make, scheme);
      const victims = await watchers(start, { MS: '60000' }, 2);
      const others = await watchers(start, { MS: '5' }, 2);
      const producers = ['a', 'b'].map((NAME) => start('enqueue', { NAME, COUNT: '100' }));
      for (const victim of victims) {
        await victim.printed(/begin/);
        await victim.end('SIGKILL');
      }
      for (const producer of producers) await producer.printed(/all done .*"done":100,/);
      const ended = others.flatMap(({ output }) => all(output, /end (\S+)/g));
      const expected = ['a', 'b'].flatMap((name) =>
        Array.from({ length: 100 }, (_, job) => `${name}-${job}`),
      );
      assert.deepEqual(ended.sort(), expected.sort());
    });

    it('jobs are all done, though the server is away for a while', async () => {
      const { start, server } = await cluster(make, scheme);
      const two = await watchers(start, { MS: '10' }, 2);
      const producer = start('enqueue', { COUNT: '300' });
      await two[0]?.printed(/end job-2\d/);
      await server.kill();
      await Timer.sleep(2);
      await server.start();
      await producer.printed(/all done .*"done":300,/);
      const ended = new Set(two.flatMap(({ output }) => all(output, /end (\S+)/g)));
      assert.equal(ended.size, 300);
    });

    it('what one publishes comes to the others in order', async () => {
      const { start } = await cluster(make, scheme);
      const hearers = [start('hear'), start('hear')];
      await Promise.all(hearers.map((hearer) => hearer.printed(/ready/)));
      start('publish', { COUNT: '1000' });
      for (const hearer of hearers) {
        await hearer.printed(/odd 999\n/);
        const numbers = all(hearer.output, /^(?:even|odd) (\d+)$/gm).map(Number);
        assert.deepEqual(
          numbers,
          Array.from({ length: 1000 }, (_, number) => number),
        );
      }
    });
  });
}
