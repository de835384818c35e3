/** Messages that have to fit a schema, with the libraries that people use. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterEach, describe, it } from 'node:test';
import { pathToFileURL } from 'node:url';
import { type CloseCause, defineProtocol, type InvalidMessage, type MessageSchema, Worker } from 'usta';
import * as v from 'valibot';
import WebSocket from 'ws';
import * as z from 'zod';
import { Typist } from './lines.ts';

const ROOT = resolve(import.meta.dirname ?? '.', '..', '..', '..');
const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

const zodMove = z.object({ x: z.number(), name: z.string().min(3), at: z.string().optional() });
const valibotMove = v.object({
  x: v.number(),
  name: v.pipe(v.string(), v.minLength(3)),
  at: v.optional(v.string()),
});

describe('the option message', { timeout: 20_000 }, () => {
  for (const [name, schema] of Object.entries({ zod: zodMove, valibot: valibotMove })) {
    it(`${name}: gives onMessage what the schema gives out, typed`, async () => {
      const worker = new Worker('websocket://127.0.0.1:0', { message: schema });
      worker.onMessage = (connection, { x, name: who }) => connection.send(`${who.toUpperCase()} ${x + 1}`);
      const peer = await open(await serve(worker));
      peer.send('{"x":1,"name":"ali","more":true}');
      assert.equal(await nextText(peer), 'ALI 2');
    });

    it(`${name}: answers 1008 with where and what, and never with what was sent`, async () => {
      const worker = await serve(new Worker('websocket://127.0.0.1:0', { message: schema }));
      const reasons: string[] = [];
      for (const sent of [
        '{"x":"secret\\u0007 word","name":"long"}',
        '{"x":1,"name":"öz"}',
        '[1]',
        'nothing',
      ]) {
        const cause = nextEnd(worker);
        const peer = await open(worker);
        peer.send(sent);
        const [code, reason] = await once(peer, 'close');
        assert.equal(code, 1008);
        assert.doesNotMatch(String(reason), /secret|öz/);
        assert.ok(reason.length <= 123);
        const { by, how } = await cause;
        assert.deepEqual({ by, how }, { by: 'peer', how: 'protocol' });
        reasons.push(String(reason));
      }
      assert.match(reasons[0] ?? '', /^x: .*(expected number|does not fit)/i);
      assert.match(reasons[1] ?? '', /^name: /);
      assert.equal(reasons[3], 'not JSON');
      assert.equal(worker.invalidMessages, 4);
    });
  }

  it('answers binary with 1003', async () => {
    const worker = await serve(new Worker('websocket://127.0.0.1:0', { message: zodMove }));
    const peer = await open(worker);
    peer.send(Buffer.from('{"x":1,"name":"ali"}'));
    assert.equal((await once(peer, 'close'))[0], 1003);
  });

  it('keeps the order with a schema that takes its time, and goes on behind it', async () => {
    const slowFirst = z.object({ n: z.number() }).refine(async ({ n }) => {
      for (let turn = 0; turn < 10 - n; turn++) await new Promise(setImmediate);
      return true;
    });
    const worker = new Worker('websocket://127.0.0.1:0', { message: slowFirst });
    const heard: number[] = [];
    worker.onMessage = (connection, { n }) => heard.push(n) === 5 && connection.close();
    const peer = await open(await serve(worker));
    for (let n = 0; n < 5; n++) peer.send(JSON.stringify({ n }));
    await once(peer, 'close');
    assert.deepEqual(heard, [0, 1, 2, 3, 4]);
  });

  it('onInvalidMessage answers instead of closing', async () => {
    const heard: InvalidMessage[] = [];
    const worker = new Worker('websocket://127.0.0.1:0', {
      message: zodMove,
      onInvalidMessage: (connection, invalid) => {
        heard.push(invalid);
        connection.send(JSON.stringify({ error: invalid.reason }));
      },
      onMessage: (connection, { name }) => connection.send(name),
    });
    const peer = await open(await serve(worker));
    peer.send('{}');
    assert.match(await nextText(peer), /^\{"error":"x: /);
    peer.send('{"x":1,"name":"ali"}');
    assert.equal(await nextText(peer), 'ali');
    assert.deepEqual([heard[0]?.message, heard[0]?.issues.length, worker.invalidMessages], ['{}', 2, 1]);
  });

  it('a schema that throws concerns its connection, as a callback that throws', async () => {
    const broken = (validate: () => never | Promise<never>): MessageSchema<string> => ({
      '~standard': { version: 1, vendor: 'test', validate },
    });
    const fail = (): never => {
      throw new Error('a bug');
    };
    for (const schema of [broken(fail), broken(async () => fail())]) {
      const worker = new Worker('websocket://127.0.0.1:0', { message: schema });
      const errors: unknown[] = [];
      worker.onError = (_, code, text) => errors.push([code, text]);
      const peer = await open(await serve(worker));
      peer.send('1');
      assert.equal((await once(peer, 'close'))[0], 1011);
      assert.deepEqual(errors, [[3, 'onMessage: a bug']]);
    }
  });

  it('text:// lines are JSON too; messages of a protocol of yours are taken as they are', async () => {
    const lines = new Worker('text://127.0.0.1:0', { message: zodMove });
    lines.onMessage = (connection, { x }) => connection.send(`${x * 2}`);
    const typist = await Typist.connect({ port: (await serve(lines)).port, host: '127.0.0.1' });
    closing.unshift(() => typist.cutOff());
    typist.type('{"x":21,"name":"ali"}\n');
    await typist.hears('42\n');

    const pairs = defineProtocol({
      input: (buffer) => buffer.indexOf('\n') + 1,
      decode: (line) => Object.fromEntries([String(line).trim().split('=')]) as Record<string, string>,
      encode: (text: string) => `${text}\n`,
    });
    const own = new Worker('tcp://127.0.0.1:0', {
      protocol: pairs,
      message: z.object({ x: z.coerce.number() }),
    });
    own.onMessage = (connection, { x }) => connection.send(`${x + 1}`);
    const other = await Typist.connect({ port: (await serve(own)).port, host: '127.0.0.1' });
    closing.unshift(() => other.cutOff());
    other.type('x=1\n');
    await other.hears('2\n');
    other.type('y=1\n');
    await other.ends();
  });

  it('docs/how-to/typed-messages.md shows what runs, and the reason it names', async () => {
    const page = readFileSync(join(ROOT, 'docs', 'how-to', 'typed-messages.md'), 'utf8');
    const [, code = ''] = /^```js\n([\s\S]*?)^```$/m.exec(page) ?? [];
    const directory = mkdtempSync(join(ROOT, 'dist', 'typed-messages-'));
    closing.push(() => rmSync(directory, { recursive: true }));
    const file = join(directory, 'page.mjs');
    writeFileSync(file, `${code.replace('0.0.0.0:8282', '127.0.0.1:0')}\nexport { worker };\n`);
    const { worker } = await import(pathToFileURL(file).href);
    closing.push(() => worker.stop());
    const peer = await open(worker);
    peer.send('{"room":"a","x":1,"y":2}');
    assert.equal(await nextText(peer), '{"room":"a","x":2,"y":2}');
    peer.send('{"room":"a","x":"","y":2}');
    const [, reason] = await once(peer, 'close');
    assert.ok(page.includes(String(reason)), String(reason));
  });

  it('tells a reason of what is large or deep without looking at all of it', async () => {
    const worker = await serve(
      new Worker('websocket://127.0.0.1:0', { message: z.object({ x: z.number() }) }),
    );
    for (const x of [
      `${'['.repeat(200_000)}${']'.repeat(200_000)}`,
      JSON.stringify(Array(50_000).fill('~')),
    ]) {
      const peer = await open(worker);
      peer.send(`{"x":${x}}`);
      assert.deepEqual((await once(peer, 'close')).map(String), ['1008', 'x: does not fit']);
    }
  });

  it('is refused where it cannot be meant', () => {
    for (const address of ['http://127.0.0.1:0', 'tcp://127.0.0.1:0', 'frame://127.0.0.1:0'])
      assert.throws(() => new Worker(address, { message: zodMove }), { code: 'E_SCHEMA' });
    assert.throws(() => new Worker('ws://127.0.0.1:0', { message: zodMove, accept: 'binary' }), {
      code: 'E_SCHEMA',
    });
    assert.throws(() => new Worker('ws://127.0.0.1:0', { message: {} as MessageSchema<string> }), {
      code: 'E_SCHEMA',
      message: /Standard Schema/,
    });
  });
});

async function serve<W extends { listen(): Promise<void>; stop(): Promise<void> }>(worker: W): Promise<W> {
  await worker.listen();
  closing.push(() => worker.stop());
  return worker;
}

async function open({ port }: { readonly port: number }): Promise<WebSocket> {
  const peer = new WebSocket(`ws://127.0.0.1:${port}/`);
  closing.unshift(() => peer.terminate());
  await once(peer, 'open');
  return peer;
}

async function nextText(peer: WebSocket): Promise<string> {
  return String((await once(peer, 'message'))[0]);
}

function nextEnd(worker: { onClose?: unknown }): Promise<CloseCause> {
  return new Promise((resolve) => {
    worker.onClose = (_: unknown, cause: CloseCause) => resolve(cause);
  });
}
