import { spawnSync } from 'node:child_process';
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import process from 'node:process';

const POLICY = '/usr/sbin/policy-rc.d';

/**
 * Installs Debian packages that are missing. Needs root then; a packaged server is not started.
 *
 * @throws with the command to run when this cannot be done here.
 */
export function ensure(...packages: string[]): void {
  const missing = packages.filter((name) => !isInstalled(name));
  if (missing.length === 0) return;
  const command = `apt-get install -y ${missing.join(' ')}`;
  if (!existsSync('/usr/bin/apt-get'))
    throw new Error(`these tests need Debian's packages: ${missing.join(', ')}`);
  if (process.getuid?.() !== 0) throw new Error(`these tests need Debian packages; as root: ${command}`);
  withoutStartingServices(() => {
    if (install(missing).status === 0) return;
    apt('update');
    const { status, stderr } = install(missing);
    if (status !== 0) throw new Error(`${command} failed: ${stderr.trim().split('\n').at(-1)}`);
  });
}

function isInstalled(name: string): boolean {
  const { stdout } = spawnSync('dpkg-query', ['-s', name], { encoding: 'utf8' });
  return /^Status: install ok installed$/m.test(stdout ?? '');
}

function install(packages: readonly string[]): { status: number | null; stderr: string } {
  return apt('install', '-y', '--no-install-recommends', ...packages);
}

function apt(...words: string[]): { status: number | null; stderr: string } {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  return spawnSync('apt-get', ['-q', '-o', 'DPkg::Lock::Timeout=300', ...words], { encoding: 'utf8', env });
}

/** Debian asks this file whether a package may start its service: 101 is no. One that is there is left alone. */
function withoutStartingServices(install: () => void): void {
  const ours = !existsSync(POLICY);
  if (ours) writeFileSync(POLICY, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  try {
    install();
  } finally {
    if (ours) rmSync(POLICY);
  }
}
