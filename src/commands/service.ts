import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { userInfo } from 'node:os';
import { basename, dirname, extname, join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import type { Command } from '../cli/command.ts';
import { UsageError } from '../errors.ts';
import { findScript } from '../master/launch/script.ts';
import { systemdUnit } from '../master/launch/systemd.ts';
import { nearest } from '../nearest.ts';
import { runProgram } from '../programs.ts';

/** `usta service systemd`: what the service manager of the system is told. */
export const serviceCommand: Command = {
  name: 'service',
  summary: 'prints a systemd unit that starts a service with the machine',
  usage: 'systemd SCRIPT [--user NAME] [--name NAME] [-- WORDS]',
  operands: { least: 2, most: 1_000 },
  options: {
    user: { value: 'NAME', summary: 'whom it runs as; by default whoever calls this' },
    name: { value: 'NAME', summary: 'of the unit; by default that of the script' },
    'low-ports': { summary: 'lets it listen on ports below 1024 without being root' },
  },
  examples: ['usta service systemd server.ts --user www-data | sudo tee /etc/systemd/system/server.service'],
  async run(words, terminal) {
    const [manager = '', named = '', ...own] = words.operands;
    if (manager !== 'systemd') throw unknownManager(manager);
    const { script } = findScript(named);
    const user = words.text('user') ?? caller();
    const uid = await uidOf(user);
    const name = unitName(words.text('name') ?? basename(script, extname(script)));
    const lowPorts = words.flag('low-ports');
    const plan = {
      script,
      node: process.execPath,
      usta: ustaFor(script),
      name,
      user,
      uid,
      lowPorts,
      words: own,
    };
    terminal.print(systemdUnit(plan));
    if (uid === 0) terminal.complain('usta: it would run as root; --user NAME has it run as somebody else');
    return 0;
  },
};

function unknownManager(manager: string): UsageError {
  const hint = nearest(manager, ['systemd']) === undefined ? 'there is systemd' : 'did you mean systemd?';
  return new UsageError('E_COMMAND', `usta service does not know "${manager}"; ${hint}`);
}

/** Under sudo, whoever has called it. */
function caller(): string {
  return process.env.SUDO_USER || userInfo().username;
}

async function uidOf(user: string): Promise<number> {
  const { exitCode, output } = await runProgram('id', ['-u', '--', user]);
  if (exitCode !== 0)
    throw new UsageError(
      'E_USER',
      `there is no user ${user} on this machine; make it first: useradd -r ${user}`,
    );
  return Number(output);
}

/** @see systemd.unit(5): letters, digits and `:-_.\`, 255 with the suffix. */
function unitName(name: string): string {
  const bare = name.replace(/\.service$/, '');
  if (/^[\w:.-]{1,240}$/.test(bare)) return bare;
  throw new UsageError(
    'E_NAME',
    `"${name}" is no name of a unit: letters, digits, and : - _ . only; give one with --name`,
  );
}

/** The project's own copy of this package, else this one. One that npx keeps for a while would be gone some day. */
function ustaFor(script: string): string {
  const own = join('..', `usta${extname(import.meta.url)}`);
  const found = installedFor(script) ?? join(dirname(fileURLToPath(import.meta.url)), own);
  if (!found.includes('/_npx/')) return found;
  throw new UsageError(
    'E_NPX',
    `npx keeps usta only for a while: npm install usta beside ${basename(script)} first`,
  );
}

function installedFor(script: string): string | undefined {
  try {
    const path = join(dirname(createRequire(script).resolve('usta')), 'usta.js');
    return existsSync(path) ? path : undefined;
  } catch {
    return undefined;
  }
}
