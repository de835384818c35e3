import { accessSync, constants, readdirSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, extname, join, resolve } from 'node:path';
import process from 'node:process';
import { pathToFileURL } from 'node:url';
import { UsageError } from '../../errors.ts';
import { nearest } from '../../nearest.ts';

/** A script, and what Node needs to run it. */
export interface RunnableScript {
  /** Absolute, as it was named: links in it are followed when it is run. */
  readonly script: string;
  /** Words for Node itself; without any, this process can run it. */
  readonly execArgv: readonly string[];
}

const JAVASCRIPT = ['.js', '.mjs', '.cjs'];
const TYPESCRIPT = ['.ts', '.mts', '.cts'];
const LIKELY = /^(server|start|index|main|app)\./;

export interface ScriptContext {
  readonly directory?: string;
  /** Whether Node strips types by itself; by default asked of this one. */
  readonly stripsTypes?: boolean;
}

/** @throws {UsageError} one line: it is missing, no script, or cannot be run by this Node. */
export function findScript(named: string, context: ScriptContext = {}): RunnableScript {
  const { directory = process.cwd(), stripsTypes = nodeStripsTypes() } = context;
  const script = resolve(directory, named);
  proveFile(script, named);
  const ending = extname(script);
  if (![...JAVASCRIPT, ...TYPESCRIPT].includes(ending)) {
    const endings = [...JAVASCRIPT, ...TYPESCRIPT].join(', ');
    throw new UsageError('E_SCRIPT', `${named} is no script: its name ends with none of ${endings}`);
  }
  if (isRunning(script)) return { script, execArgv: [] };
  const needsTsx = TYPESCRIPT.includes(ending) && !stripsTypes;
  return { script, execArgv: needsTsx ? ['--import', findTsx(script, named)] : [] };
}

/** Whether this process was started with that script. */
export function isRunning(script: string): boolean {
  return process.argv[1] !== undefined && resolve(process.argv[1]) === script;
}

function proveFile(script: string, named: string): void {
  const stats = statSync(script, { throwIfNoEntry: false });
  if (stats === undefined) throw new UsageError('E_SCRIPT', `${named} does not exist${meant(script)}`);
  if (stats.isDirectory()) {
    throw new UsageError('E_SCRIPT', `${named} is a folder; name the script in it${inside(script, named)}`);
  }
  if (!stats.isFile()) throw new UsageError('E_SCRIPT', `${named} is not a file`);
  try {
    accessSync(script, constants.R_OK);
  } catch (cause) {
    throw new UsageError('E_SCRIPT', `${named} may not be read by this user`, { cause });
  }
}

function meant(script: string): string {
  const names = scriptsIn(dirname(script));
  const wanted = basename(script);
  const same = names.find((name) => name.replace(/\.\w+$/, '') === wanted.replace(/\.\w+$/, ''));
  const one = same ?? nearest(wanted, names);
  return one === undefined ? '' : `; did you mean ${one}?`;
}

function inside(folder: string, named: string): string {
  const names = scriptsIn(folder);
  const likely = names.find((name) => LIKELY.test(name)) ?? names[0];
  return likely === undefined ? '' : `, such as ${join(named, likely)}`;
}

function scriptsIn(folder: string): string[] {
  try {
    return readdirSync(folder)
      .filter((name) => [...JAVASCRIPT, ...TYPESCRIPT].includes(extname(name)))
      .sort();
  } catch {
    return [];
  }
}

function nodeStripsTypes(): boolean {
  return Boolean((process.features as { readonly typescript?: unknown }).typescript);
}

/** The loader that lets older Nodes run TypeScript: that of the script's project, else one installed beside us. */
function findTsx(script: string, named: string): string {
  for (const from of [script, import.meta.url]) {
    try {
      return pathToFileURL(createRequire(from).resolve('tsx')).href;
    } catch {
      // Not there: the next place is asked.
    }
  }
  throw new UsageError(
    'E_TYPESCRIPT',
    `Node ${process.versions.node} does not run ${named} by itself: npm install tsx, or use Node 22.18 or newer`,
  );
}
