/** Answers that drip or do not come: the doctor waits no longer than it says. */
import { before, describe, it } from 'node:test';
import { harmless, measureFriendly, OK } from '../doctor/harmless.ts';
import { afterRequest, drip, frame, HostileServer, slowly, webSocket } from '../doctor/hostile-server.ts';

describe('usta doctor, slow answers', { concurrency: 3 }, () => {
  before(measureFriendly);

  it('silence at each step', async () => {
    await harmless(await HostileServer.plain(() => {}), 'wss');
    await harmless(await HostileServer.plain(() => {}), 'ws');
    await harmless(await HostileServer.plain(webSocket(() => {})), 'ws');
  });

  it('a head, one byte each 200 ms', async () => {
    await harmless(await HostileServer.plain(drip(`${OK}Server: slow\r\n\r\n`)), 'ws');
  });

  it('a body, one byte each 200 ms', async () => {
    const body = afterRequest((stream) => {
      stream.write(`${OK}Content-Length: 1000000\r\n\r\n`);
      slowly(stream, Buffer.from('<p>'));
    });
    await harmless(await HostileServer.plain(body), 'ws');
  });

  it('a frame, one byte each 200 ms', async () => {
    const message = webSocket((stream) => slowly(stream, frame(0x81, Buffer.alloc(120, 'a'))));
    await harmless(await HostileServer.plain(message), 'ws');
  });

  it('TLS, one byte each 200 ms', async () => {
    const record = Buffer.from(`16030300${'7a'}0200007603${'03'}${'11'.repeat(120)}`, 'hex');
    await harmless(await HostileServer.plain((stream) => slowly(stream, record)), 'wss');
  });
});
