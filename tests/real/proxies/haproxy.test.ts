import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { itLosesNothingInReloads, itServesAsPrinted, ROWS } from './as-printed.ts';
import { checked } from './examinations.ts';

describe("Debian's HAProxy with the printed configuration", () => {
  const front = itServesAsPrinted({ proxy: 'haproxy', packages: ['haproxy'] });
  itLosesNothingInReloads(front);

  it('sends PROXY headers of version 2: every row holds', async () => {
    const { holds, fails } = await checked('haproxy', { proxyProtocol: true });
    assert.deepEqual(fails, []);
    assert.deepEqual(holds, ROWS);
  });

  it("goes behind Debian's own haproxy.cfg, as the page says", async () => {
    const { status, stdout, stderr } = spawnSync('/usr/sbin/haproxy', [
      ...['-c', '-f', '/etc/haproxy/haproxy.cfg'],
      ...['-f', join(front().rehearsal.folder, 'usta.conf')],
    ]);
    assert.equal(status, 0, `${stdout}${stderr}`);
  });
});
