import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, extname, join, relative, resolve } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { SystemError } from '../../errors.ts';

/** Files that are looked through for a mistake that Node does not place. */
const MOST_FILES = 100;

/** Compiled, and as source maps tell it. */
const COMPILED = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const OWN_FOLDERS = [COMPILED, join(COMPILED, '..', '..', 'src')];

/**
 * Why a script could not be loaded, in one line that begins with the place in the script: `server.ts:12: …`.
 * The exception is its cause.
 *
 * @param thrown anything: `throw` takes all.
 */
export function loadFailure(thrown: unknown, script: string): SystemError {
  const stack = thrown instanceof Error ? (thrown.stack ?? '') : '';
  const place = placeIn(stack) ?? (isUnplaced(thrown) ? searchMistake(script) : undefined);
  return new SystemError('E_SCRIPT_FAILED', `${place ?? shown(script)}: ${sentence(thrown)}`, {
    cause: thrown,
  });
}

function sentence(thrown: unknown): string {
  if (!(thrown instanceof Error)) return `it threw ${JSON.stringify(thrown) ?? String(thrown)}`;
  const { name, message, code } = thrown as Error & { code?: unknown };
  // A compiler's message has its own place in front, after a line that says nothing.
  const [, compiler] = /^.+:\d+:\d+: ERROR: (.+)$/m.exec(message) ?? [];
  const bullet = /TYPESCRIPT_SYNTAX$/.test(String(code)) ? /^\s*[x×]\s+/ : /^\s+/;
  const lines = message.split('\n').map((one) => one.replace(bullet, '').trimEnd());
  const line = compiler ?? lines.find((one) => one !== '') ?? '';
  const ours = typeof code === 'string' && code.startsWith('E_');
  return ours || name === 'Error' ? line || name : `${name}: ${line}`;
}

/** The innermost place that is neither Node's nor ours nor a package's; else of a package. */
function placeIn(stack: string): string | undefined {
  const places = [...stack.matchAll(/(?:^|[\s([])((?:file:\/\/)?\/[^\s()[\]]+?):(\d+)(?=[:)\]\s]|$)/gm)]
    .map(([, path = '', line = '']) => ({
      path: path.startsWith('file:') ? fileURLToPath(path) : path,
      line,
    }))
    .filter(({ path }) => !OWN_FOLDERS.some((folder) => path.startsWith(`${folder}/`)));
  const found = places.find(({ path }) => !path.includes('/node_modules/')) ?? places[0];
  return found && `${shown(found.path)}:${found.line}`;
}

/** Node keeps the place of a mistake in the grammar of a module to itself. */
function isUnplaced(thrown: unknown): boolean {
  return thrown instanceof SyntaxError;
}

/** Asks `node --check` of the script and of what it imports, the nearest first. */
function searchMistake(script: string): string | undefined {
  const files = [script];
  for (const [index, file] of files.entries()) {
    if (index === MOST_FILES) return undefined;
    if (extname(file).endsWith('ts')) continue;
    const { stderr } = spawnSync(process.execPath, ['--check', file], { encoding: 'utf8', timeout: 5_000 });
    const [, path, line] = /^(\/.+):(\d+)$/m.exec(stderr ?? '') ?? [];
    if (path !== undefined) return `${shown(path)}:${line}`;
    for (const next of importsOf(file)) if (!files.includes(next)) files.push(next);
  }
  return undefined;
}

function importsOf(file: string): string[] {
  const found = readFileSync(file, 'utf8').matchAll(/\b(?:from|import)\s*\(?\s*['"](\.[^'"]+)['"]/g);
  return [...found].map(([, name = '']) => resolve(dirname(file), name)).filter((path) => existsSync(path));
}

function shown(path: string): string {
  const short = relative(process.cwd(), path);
  return short === '' || short.startsWith('..') ? path : short;
}
