import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { WebSocket } from 'ws';
import { itLosesNothingInReloads, itServesAsPrinted } from './as-printed.ts';
import { askWs, openFront, openWs } from './clients.ts';
import { asInstalled } from './examinations.ts';

describe("Debian's Apache with the printed configuration", () => {
  const front = itServesAsPrinted({ proxy: 'apache', packages: ['apache2'] });
  itLosesNothingInReloads(front);

  it('has a thread for each open WebSocket: more than MaxRequestWorkers wait, as the page says', async () => {
    const few = 'ThreadsPerChild 2\nThreadLimit 2\nServerLimit 1\nMaxRequestWorkers 2\nStartServers 1\n';
    const narrow = await openFront('apache', await asInstalled('apache'), { edit: (text) => few + text });
    const sockets = [await openWs(narrow.url, narrow.caFile), await openWs(narrow.url, narrow.caFile)];
    const third = openWs(narrow.url, narrow.caFile);
    const early = await Promise.race([third.then(() => 'opened'), askWs(sockets[1] as WebSocket, 'echo')]);
    assert.equal(early, 'echo');
    sockets[0]?.terminate();
    assert.equal(await askWs(await third, 'tom'), 'ok');
    await narrow.stop();
  });
});
