import assert from 'node:assert/strict';
import { once } from 'node:events';
import { describe, it } from 'node:test';
import { itServesAsPrinted } from './as-printed.ts';
import { openWs } from './clients.ts';
import { reloadUnderLoad } from './examinations.ts';

describe("Debian's Caddy with the printed configuration", () => {
  const front = itServesAsPrinted({
    proxy: 'caddy',
    packages: ['caddy'],
    complaint: /"level":"(warn|error)".*"logger":"caddyfile"/,
  });

  // Caddy 2.6 now and then resets a connection that it accepts in the very moment of a swap.
  it('loses no request in five reloads; one that is reset succeeds when it is sent again', async () => {
    const { requests, lost, again } = await reloadUnderLoad(front(), 5);
    assert.ok(again <= 5, `${again} requests were reset`);
    assert.deepEqual(
      lost.filter((what) => what !== 'a WebSocket was cut'),
      [],
    );
    assert.ok(requests >= 5, `${requests} requests`);
  });

  it('ends open WebSockets with 1001 at a reload before 2.7, which the reload row says', async () => {
    const socket = await openWs(front().url, front().caFile);
    const closed = once(socket, 'close');
    await front().rehearsal.proxy.reload();
    assert.equal((await closed)[0], 1001);
  });
});
