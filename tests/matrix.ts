/**
 * Runs the suite with each version of Node that is supported, one after the other. They come from npm, into a
 * folder of the user's cache.
 *
 *   npm run test:matrix [-- 22 26]
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';

const VERSIONS = ['20', '22', '24', '26'];

const asked = process.argv.slice(2);
const unknown = asked.filter((version) => !/^\d+(\.\d+){0,2}$/.test(version));
if (unknown.length > 0) {
  console.error(`✖ ${unknown.join(', ')}: no version of Node, such as ${VERSIONS.join(' or ')}`);
  process.exit(2);
}

const root = join(import.meta.dirname ?? '.', '..', '..');
const failed = (asked.length > 0 ? asked : VERSIONS).filter((version) => !passes(version));
if (failed.length > 0) console.error(`✖ failed with Node ${failed.join(', ')}`);
process.exit(failed.length > 0 ? 1 : 0);

function passes(version: string): boolean {
  const node = installed(version);
  const { stdout } = spawnSync(node, ['--version'], { encoding: 'utf8' });
  console.log(`\n▶ Node ${stdout.trim()}`);
  return spawnSync(node, [join(root, 'dist', 'tests', 'run.js'), 'tests'], { stdio: 'inherit' }).status === 0;
}

/** @returns its path; npm brings it once. */
function installed(version: string): string {
  const folder = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'usta', `node-${version}`);
  const node = join(folder, 'node_modules', 'node', 'bin', 'node');
  if (existsSync(node)) return node;
  mkdirSync(folder, { recursive: true });
  const words = ['install', '--no-save', '--no-audit', '--no-fund', '--prefix', folder, `node@${version}`];
  const { status } = spawnSync('npm', words, { stdio: ['ignore', 'ignore', 'inherit'] });
  if (status !== 0 || !existsSync(node)) throw new Error(`npm could not install node@${version}`);
  return node;
}
