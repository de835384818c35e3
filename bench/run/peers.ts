import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const PEER_NAMES = ['ours', 'ws', 'socketio', 'bun'] as const;
export type PeerName = (typeof PEER_NAMES)[number];

/** A server to be measured. */
export interface Peer {
  readonly name: PeerName;
  /** Name and version, as the table shows it. */
  readonly title: string;
  /** Program and its first arguments; ports and certificate are added. */
  readonly command: readonly string[];
  /** Why it cannot run on this machine. */
  readonly missing?: string;
}

/** The checkout, seen from `dist/bench/run/`. */
export const ROOT: string = fileURLToPath(new URL('../../../', import.meta.url));
export const BENCH: string = join(ROOT, 'bench');
export const MODULES: string = join(BENCH, 'node_modules');

/** Installs the peers as locked, unless that has been done. Failing is no error: a peer may be missing. */
export function installPeers(say: (line: string) => void): void {
  const installed = join(MODULES, '.package-lock.json');
  if (existsSync(installed) && modified(installed) >= modified(join(BENCH, 'package-lock.json'))) return;
  say('installing the servers to compare with into bench/node_modules (once, about 120 MB) …');
  const words = ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  const { status } = spawnSync('npm', words, { cwd: BENCH, stdio: ['ignore', 'ignore', 'inherit'] });
  if (status !== 0) say('npm could not install all of them');
}

/** The peers of that name, in the order in which they take turns. */
export function peersNamed(names: readonly PeerName[]): Peer[] {
  return PEER_NAMES.filter((name) => names.includes(name)).map((name) => PEERS[name]());
}

const PEERS: Readonly<Record<PeerName, () => Peer>> = {
  ours: () => {
    const script = join(ROOT, 'dist', 'bench', 'echo.js');
    const title = `usta ${versionIn(ROOT)}`;
    return {
      name: 'ours',
      title,
      command: [process.execPath, script],
      ...unless(script, 'not built, run npm run build'),
    };
  },
  ws: () => packaged('ws', 'ws', [process.execPath, join(BENCH, 'peers', 'ws.mjs')]),
  socketio: () => packaged('socketio', 'Socket.IO', [process.execPath, join(BENCH, 'peers', 'socketio.mjs')]),
  bun: () => {
    const packageName = `@oven/bun-${process.platform}-${process.arch === 'arm64' ? 'aarch64' : process.arch}`;
    const program = join(MODULES, packageName, 'bin', 'bun');
    const title = `Bun.serve ${versionIn(join(MODULES, packageName))}`.trim();
    const command = [program, join(BENCH, 'peers', 'bun.mjs')];
    return { name: 'bun', title, command, ...unless(program, `${packageName} could not be installed`) };
  },
};

function packaged(name: 'ws' | 'socketio', title: string, command: readonly string[]): Peer {
  const folder = join(MODULES, name === 'ws' ? 'ws' : 'socket.io');
  return {
    name,
    title: `${title} ${versionIn(folder)}`.trim(),
    command,
    ...unless(folder, 'could not be installed'),
  };
}

/** What is missing when this path is not there. */
export function unless(path: string, missing: string): { missing?: string } {
  return existsSync(path) ? {} : { missing };
}

export function versionIn(folder: string): string {
  try {
    return String(JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')).version);
  } catch {
    return '';
  }
}

function modified(file: string): number {
  return statSync(file).mtimeMs;
}
