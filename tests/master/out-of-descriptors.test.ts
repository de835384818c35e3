import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { after, describe, it } from 'node:test';
import { WebSocket } from 'ws';

/**
 * Of each process; 40 are kept for everything else, so that so many connections are let in. Node needs more than
 * a hundred as it starts: it opens the modules of a script all at once.
 */
const DESCRIPTORS = 160;
const ADMITTED = 120;

const room = mkdtempSync(join(tmpdir(), 'usta-fd-'));
let service: ChildProcess | undefined;
after(async () => {
  if (service?.exitCode !== null) return;
  service.kill('SIGTERM');
  await once(service, 'exit');
  rmSync(room, { recursive: true });
});

describe('a process that has used up its descriptors', { timeout: 30_000 }, () => {
  it('accepts no more and says so once; whoever is connected does not notice, and room that is made is used', async () => {
    const script = join(import.meta.dirname ?? '.', 'reload-service.js');
    const started = spawn(
      'sh',
      ['-c', `ulimit -n ${DESCRIPTORS}; exec "$0" "$1"`, process.execPath, script],
      {
        env: { ...process.env, COUNT: '1', DRAIN: '1', USTA_RUNTIME_DIR: room },
        stdio: ['ignore', 'ignore', 'pipe'],
      },
    );
    service = started;
    let said = '';
    started.stderr.on('data', (chunk: Buffer) => {
      said += chunk;
    });
    while (!/websocket on 127\.0\.0\.1:\d+/.test(said)) await once(started.stderr, 'data');
    const port = Number(/websocket on 127\.0\.0\.1:(\d+)/.exec(said)?.[1]);
    const opened: WebSocket[] = [];
    const sockets = Array.from({ length: DESCRIPTORS + 10 }, () => {
      const socket = new WebSocket(`ws://127.0.0.1:${port}/`);
      socket.on('open', () => opened.push(socket));
      socket.on('error', () => {});
      return socket;
    });
    while (!/which is the limit/.test(said)) await once(started.stderr, 'data');
    while (opened.length < 20) await new Promise((resolve) => setImmediate(resolve));
    const inside = opened.slice(0, 20);
    for (const socket of inside) {
      socket.send('who');
      await once(socket, 'message');
    }
    assert.equal(said.match(/which is the limit/g)?.length, 1);
    assert.ok(opened.length <= ADMITTED, `${opened.length} were let in`);
    const before = opened.length;
    for (const socket of inside) socket.terminate();
    while (opened.length < before + 5) await new Promise((resolve) => setImmediate(resolve));
    for (const socket of sockets) socket.terminate();
  });
});
