import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { after, before, describe, it } from 'node:test';
import type { ProxyName } from '../../src/front/plan.ts';
import { installedVersion, isAtLeast, parseVersion, requireVersion } from '../../src/front/version.ts';

describe('versions', () => {
  it('are read', () => {
    assert.deepEqual(parseVersion('1.25.1'), [1, 25, 1]);
    assert.deepEqual(parseVersion('2.7'), [2, 7, 0]);
    for (const text of ['', '1', 'v1.2', '1.2.3.4', '1.2-3', '1.99999']) {
      assert.throws(() => parseVersion(text), { code: 'E_VERSION' }, text);
    }
  });

  it('are compared part by part', () => {
    assert.equal(isAtLeast([1, 25, 1], [1, 25, 1]), true);
    assert.equal(isAtLeast([1, 25, 0], [1, 25, 1]), false);
    assert.equal(isAtLeast([1, 9, 15], [1, 25, 1]), false);
    assert.equal(isAtLeast([2, 0, 0], [1, 25, 1]), true);
  });

  it('that are unknown count as the newest', () => {
    assert.equal(isAtLeast(undefined, [9, 9, 9]), true);
  });

  it('that are too old are refused with what is needed', () => {
    requireVersion('nginx', [1, 15, 3], [1, 15, 3]);
    assert.throws(() => requireVersion('nginx', [1, 14, 2], [1, 15, 3]), {
      message: 'nginx 1.14.2 is too old for this configuration; it needs 1.15.3 or newer',
    });
  });
});

describe('installedVersion', () => {
  const folder = mkdtempSync(join(tmpdir(), 'usta-version-'));
  const { PATH } = process.env;
  before(() => {
    process.env.PATH = folder;
  });
  after(() => {
    process.env.PATH = PATH;
    rmSync(folder, { recursive: true });
  });

  const said: readonly [proxy: ProxyName, program: string, line: string, version: string][] = [
    ['nginx', 'nginx', 'nginx version: nginx/1.22.1 >&2', '1.22.1'],
    ['apache', 'apache2', '"Server version: Apache/2.4.71 (Debian)"', '2.4.71'],
    ['haproxy', 'haproxy', '"HAProxy version 2.6.12-1+deb12u4 2026/10/17 - https://haproxy.org/"', '2.6.12'],
    ['caddy', 'caddy', '2.6.2', '2.6.2'],
    ['caddy', 'caddy', '"v2.8.4 h1:q3pe0wpBj1OcHFZ3n/1nl4V4bxBrYoSoab7rL9BMYNk="', '2.8.4'],
  ];
  for (const [proxy, program, line, version] of said) {
    it(`finds ${version} in what ${program} says`, async () => {
      const path = join(folder, program);
      writeFileSync(path, `#!/bin/sh\necho ${line}\n`);
      chmodSync(path, 0o755);
      assert.equal(await installedVersion(proxy), version);
    });
  }
});
