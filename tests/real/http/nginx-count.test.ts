/** Between nginx and a worker no request is lost and none is born: whatever nginx lets through, both count alike. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type Request, Response, Worker } from 'usta';
import { eachOf, exchange } from '../../hostile/exchange.ts';
import { HOSTILE, ODD } from '../../protocol/http/corpus.ts';
import { randomStream } from '../../protocol/http/corpus-streams.ts';
import { ensure } from '../debian.ts';
import { type Counted, Nginx } from './nginx.ts';

const RANDOM_STREAMS = 5000;
const WITHIN_MS = 40_000;

/** Each comes from an address of its own, by which nginx and the worker tell it from the others. */
const STREAMS = [
  ...[...HOSTILE, ...ODD].map(({ name, bytes }) => ({ name, bytes })),
  ...Array.from({ length: RANDOM_STREAMS }, (_, seed) => ({
    name: `random, seed ${seed}`,
    bytes: randomStream(seed).toString('latin1'),
  })),
].map((stream, index) => ({ ...stream, address: `127.1.${index >> 8}.${index & 255}` }));

describe('nginx in front, and streams of every kind', () => {
  const behind = new Worker('http://127.0.0.1:0');
  const alone = new Worker('http://127.0.0.1:0');
  /** What the worker behind nginx has answered: the id that nginx gave each request, and its text. */
  const served: { readonly id: string; readonly text: string }[] = [];
  /** That nginx has opened to it. */
  let connections = 0;
  /** What it had against others. */
  const refused: string[] = [];
  /** What the other has answered, by address. */
  const direct = new Map<string, string[]>();
  let counted: Counted[];
  let nginx: Nginx;

  before(
    async () => {
      ensure('nginx');
      behind.onMessage = (connection, request) => {
        const id = request.header('x-request-id') ?? 'none';
        served.push({ id, text: textOf(request) });
        connection.send(new Response(200, { 'X-Served': id }));
      };
      behind.onConnect = () => {
        connections++;
      };
      behind.onClose = (_, { how, reason }) => {
        if (how === 'protocol') refused.push(reason);
      };
      alone.onMessage = (connection, request) => {
        direct.set(connection.remoteIp, [...(direct.get(connection.remoteIp) ?? []), textOf(request)]);
        connection.send('');
      };
      await Promise.all([behind.listen(), alone.listen()]);
      nginx = await Nginx.start(behind.port);
      for (const port of [nginx.careful, nginx.careless, alone.port]) {
        await eachOf(STREAMS, async ({ bytes, address }) => {
          await exchange(port, bytes, { finish: true, from: address });
        });
      }
      counted = await nginx.count();
      await Promise.all([behind.stop(), alone.stop()]);
    },
    { timeout: WITHIN_MS },
  );
  after(async () => {
    await Promise.all([behind.stop(), alone.stop()]);
    await nginx?.stop();
  });

  it('nginx has let much of it through, on connections that it kept, and much not', () => {
    const asked = counted.filter(({ upstream }) => upstream !== '').length;
    const sum = `${asked} of ${counted.length} on ${connections} connections`;
    assert.ok(asked > STREAMS.length && counted.length - asked > STREAMS.length / 4, sum);
    assert.ok(connections < asked / 10, sum);
  });

  it('the worker serves no request that nginx has not counted, and none twice', () => {
    const known = new Set(counted.map(({ id }) => id));
    assert.equal(known.size, counted.length);
    assert.deepEqual(
      served.filter(({ id }) => !known.has(id)),
      [],
    );
    assert.equal(new Set(served.map(({ id }) => id)).size, served.length);
  });

  it('nginx counts as answered what the worker has served, each with its own answer', () => {
    const answered = counted.filter(({ upstream }) => upstream === '200');
    assert.deepEqual(
      answered.filter(({ id, served }) => id !== served),
      [],
    );
    assert.deepEqual(answered.map(({ id }) => id).sort(), served.map(({ id }) => id).sort());
  });

  it('the worker refuses nothing that nginx has not sent', () => {
    const answered = counted.filter(({ upstream }) => /^[45]/.test(upstream)).length;
    const givenUp = counted.filter(({ upstream }) => upstream === '-').length;
    assert.ok(answered > 100, `${answered}`);
    const sum = `${refused.length} refused, ${answered} answered, ${givenUp} given up by nginx, as the client had`;
    assert.ok(refused.length >= answered && refused.length <= answered + givenUp, sum);
  });

  for (const door of ['careful', 'careless'] as const) {
    it(`${door}: a stream means the same through nginx and without, until one of them refuses`, () => {
      const texts = new Map(served.map(({ id, text }) => [id, text]));
      const mine = counted.filter(({ port, upstream }) => port === nginx[door] && upstream === '200');
      const differing = STREAMS.flatMap(({ name, address }) => {
        const through = mine.filter((one) => one.address === address).map(({ id }) => texts.get(id) ?? '');
        const without = direct.get(address) ?? [];
        return agree(through, without) ? [] : [{ name, through, without }];
      });
      assert.deepEqual(differing, []);
    });
  }
});

/** True when one is the beginning of the other: a reader that refuses stops earlier. */
function agree(some: readonly string[], others: readonly string[]): boolean {
  return some.every((text, index) => index >= others.length || others[index] === text);
}

/** What two readers of one stream must agree on. */
function textOf({ method, path, queryString, body }: Request): string {
  return `${method} ${path}?${queryString} ${body.toString('latin1')}`;
}
