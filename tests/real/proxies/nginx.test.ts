import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { itLosesNothingInReloads, itServesAsPrinted, ROWS } from './as-printed.ts';
import { openFront } from './clients.ts';
import { asInstalled, checked } from './examinations.ts';

describe("Debian's nginx with the printed configuration", () => {
  const front = itServesAsPrinted({ proxy: 'nginx', packages: ['nginx', 'libnginx-mod-stream'] });
  itLosesNothingInReloads(front);

  it("sends PROXY headers from a raw stream: every row holds, path and plain requests are the worker's", async () => {
    const { holds, fails } = await checked('nginx', { proxyProtocol: true });
    assert.deepEqual(fails, []);
    assert.deepEqual(
      holds,
      ROWS.filter((name) => name !== 'redirect'),
    );
  });

  it('takes the configurations of two names side by side', async () => {
    const other = openFront('nginx', await asInstalled('nginx'), {
      edit: (text) =>
        text + text.replaceAll('localhost', 'other.localhost').replaceAll('usta_localhost', 'usta_other'),
    });
    await (await other).stop();
  });
});
