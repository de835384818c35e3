/**
 * Runs every test file of a folder with Node's runner, prints its summary, and fails when a test was
 * skipped or when fewer files ran than exist (a bad glob makes Node's runner green with 0 tests).
 *
 *   node dist/tests/run.js tests [name-part …]
 */
import { spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import process from 'node:process';

const SEPARATE = ['real', 'slow'];

const [folder = 'tests', ...parts] = process.argv.slice(2);
const root = join(import.meta.dirname ?? new URL('.', import.meta.url).pathname, '..', '..');
const files = testFiles(join(root, 'dist', folder)).filter((file) => wanted(relative(root, file)));

if (files.length === 0) fail(`no test file in ${folder}${parts.length ? ` matches ${parts.join(' ')}` : ''}`);

const { status, output } = await run(files);
const counted = (name: string): number =>
  Number(new RegExp(`^(?:ℹ|#) ${name} (\\d+)$`, 'm').exec(output)?.[1] ?? 0);

if (status !== 0) fail(`tests failed (exit ${status})`);
if (counted('skipped') + counted('todo') > 0) fail('a test was skipped: a skipped test says nothing');
const ran = new Set([...output.matchAll(/^ran-file (.+)$/gm)].map((match) => match[1]));
const missing = files.map((file) => relative(root, file)).filter((file) => !ran.has(file));
if (missing.length > 0) fail(`these files ran no test: ${missing.join(', ')}`);

function wanted(file: string): boolean {
  const inside = file.split(sep).slice(2);
  const separate = folder === 'tests' && SEPARATE.includes(inside[0] ?? '');
  return !separate && (parts.length === 0 || parts.some((part) => file.includes(part)));
}

function testFiles(directory: string): string[] {
  return readdirSync(directory, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.test.js'))
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
    .sort();
}

function run(list: readonly string[]): Promise<{ status: number | null; output: string }> {
  const reporter = new URL('./reporter.js', import.meta.url).href;
  const options = [
    '--test',
    `--test-reporter=${reporter}`,
    '--test-reporter-destination=stdout',
    `--test-concurrency=${folder === 'tests' ? 3 : 1}`,
    '--enable-source-maps',
  ];
  const child = spawn(process.execPath, [...options, ...list], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk;
    process.stdout.write(chunk.toString().replace(/^ran-file .+\n/gm, ''));
  });
  return new Promise((resolve) => child.on('close', (status) => resolve({ status, output })));
}

function fail(reason: string): never {
  console.error(`✖ ${reason}`);
  process.exit(1);
}
