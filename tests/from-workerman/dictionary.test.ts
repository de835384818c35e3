/** docs/from-workerman.md has a line for every public name of Workerman, and what it names here is there. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { after, before, describe, it } from 'node:test';
import * as usta from 'usta';
import { connect, stop } from 'usta/testing';
import { SSL_WORDS } from '../../src/certificates/ssl-words.ts';
import { COMMANDS } from '../../src/commands/all.ts';
import { OPTION_NAMES } from '../../src/master/launch/option-table.ts';
import { SCHEMES } from '../../src/worker/schemes.ts';
import { SOCKET_WORDS } from '../../src/worker/socket-words.ts';
import { GROUPS } from './names.ts';

const ROOT = resolve(import.meta.dirname ?? '.', '..', '..', '..');

interface Row {
  readonly section: string;
  readonly theirs: string;
  readonly ours: string;
}

const rows = rowsOf(readFileSync(join(ROOT, 'docs', 'from-workerman.md'), 'utf8'));

/** Of JavaScript and Node, and what a row says of itself; no names of ours. */
const NOT_OURS = new Set(
  'for Map Promise AsyncLocalStorage process console JSON async await finally null undefined string Buffer TCP_NODELAY'.split(
    ' ',
  ),
);
/** Where there are options of things that are no workers. */
const OPTIONS_OF = [
  'worker/client/options.ts',
  'cron/cron-job.ts',
  'session/sessions.ts',
  'protocol/http/set-cookie.ts',
  'upload/upload.ts',
];
/** What is known of a file that has come. */
const UPLOADED_FILE: readonly (keyof usta.UploadedFile)[] = [
  'safeName',
  'path',
  'size',
  'type',
  'filename',
  'moveTo',
];
/** What an expression may begin with, and whose member follows. */
let subjects: Readonly<Record<string, readonly object[]>> = {};
/** Names that stand alone. */
let words = new Set<string>();

describe('docs/from-workerman.md', { timeout: 20_000 }, () => {
  const worker = new usta.Worker('http://0.0.0.0:80');
  const sessions = new usta.Sessions({ store: new usta.MemoryStore() });

  before(async () => {
    let seen: object = {};
    let asked: object = {};
    let session: object = {};
    worker.onMessage = async (connection, request) => {
      [seen, asked, session] = [connection, request, await sessions.of(request)];
      connection.send('ok');
    };
    await (await connect(worker)).request('GET', '/');
    const client = new usta.AsyncTcpConnection('ws://127.0.0.1:1');
    const context = { ssl: SSL_WORDS, socket: SOCKET_WORDS };
    const things: object = {
      ...usta,
      ...context,
      worker,
      connection: seen,
      request: asked,
      client,
      sessions,
      session,
    };
    subjects = Object.fromEntries(Object.entries(things).map(([name, thing]) => [name, [thing]]));
    words = new Set([
      ...[worker, seen, asked, client, session, new usta.Response(), usta.Worker].flatMap(membersOf),
      ...Object.keys(usta.Worker.statistics),
      ...Object.keys(SCHEMES),
      ...exportedNames(),
      ...OPTION_NAMES,
      ...Object.keys(SSL_WORDS),
      ...Object.keys(SOCKET_WORDS),
      ...OPTIONS_OF.flatMap(optionsIn),
      ...UPLOADED_FILE,
      ...Object.keys(usta.Timer),
      ...COMMANDS.map(({ name }) => name),
    ]);
  });
  after(() => stop(worker));

  for (const { of, under, names } of GROUPS) {
    it(`has a line for ${of}`, () => {
      const lines = rows.filter(({ section }) => under.test(section)).map(({ theirs }) => theirs);
      const missing = names.split(' ').filter((name) => !lines.some((line) => mentions(line, name)));
      assert.deepEqual(missing, []);
    });
  }

  it('names what is there: exports, properties, methods, options, commands', () => {
    const wrong: string[] = [];
    for (const { section, theirs, ours } of rows.filter(isWorkermans)) {
      const told = /^same\b/.test(ours) ? [...spans(theirs), ...spans(ours)] : spans(ours);
      for (const span of told) {
        if (!isThere(span)) wrong.push(`${section}: \`${span}\` in "${ours}"`);
      }
    }
    assert.deepEqual(wrong, []);
  });

  it('promises nothing', () => {
    const promised = rows.filter(({ ours }) => /not yet/i.test(ours));
    assert.deepEqual(
      promised.map(({ theirs }) => theirs),
      [],
    );
  });

  it('can fail', () => {
    for (const span of ['worker.nothing', 'Worker.nothing()', 'nothing', 'Nothing.at.all', 'usta nothing'])
      assert.equal(isThere(span), false, span);
    for (const span of [
      'worker.connections',
      'Worker.stopAll(1)',
      'maxQueued',
      'usta status',
      "transport = 'ssl'",
    ])
      assert.equal(isThere(span), true, span);
  });
});

function rowsOf(page: string): Row[] {
  let section = '';
  const found: Row[] = [];
  for (const line of page.split('\n')) {
    if (line.startsWith('## ')) section = line.slice(3);
    const [, theirs, ours] = /^\| ?(.*?) \| (.*) \|$/.exec(line) ?? [];
    if (theirs !== undefined && ours !== undefined && !/^(---|Workerman$|GatewayWorker$)/.test(theirs))
      found.push({ section, theirs, ours });
  }
  return found;
}

/** The others have tests of their own. */
function isWorkermans({ section }: Row): boolean {
  return !/^(GatewayWorker|Channel|GatewayClient)/.test(section);
}

function mentions(line: string, name: string): boolean {
  if (!/^\w+$/.test(name)) return line.includes(name);
  return new RegExp(`(?<![\\w$])${name}(?!\\w)`).test(line);
}

function spans(cell: string): string[] {
  return [...cell.replaceAll(/\]\([^)]*\)/g, ']').matchAll(/`([^`]+)`/g)].map(([, span = '']) => span);
}

/** Whether the first name of a piece of code is one that there is. */
function isThere(span: string): boolean {
  const code = span
    .replace(/^(?:await |new |php |static )+/, '')
    .replaceAll('::', '.')
    .replace(/^\$(?=\w)/, '');
  if (/^(?:['"{[(/-]|\d|[a-z]+:\/\/|unix:|MyProtocol|\.)/i.test(code)) return true;
  const command = /^(?:usta|node \S+|start\.php) (\w+)/.exec(code);
  if (command) return COMMANDS.some(({ name }) => name === command[1]);
  const [first = '', ...path] = (/^[\w$]+(?:\.[\w$]+)*/.exec(code)?.[0] ?? '').split('.');
  if (NOT_OURS.has(first)) return true;
  const owners = subjects[first];
  if (owners === undefined || path.length === 0) return words.has(first) && path.length === 0;
  return owners.every((owner) => reaches(owner, path));
}

function reaches(owner: unknown, [name, ...rest]: readonly string[]): boolean {
  if (name === undefined || (typeof owner === 'object' && Object.getPrototypeOf(owner) === Map.prototype))
    return true;
  if (!(name in (owner as object))) return false;
  return reaches((owner as Record<string, unknown>)[name], rest);
}

/** Its own, and those that it inherits; of the language itself none. */
function membersOf(thing: object): string[] {
  const names: string[] = [];
  for (
    let one = thing;
    one && one !== Object.prototype && one !== Function.prototype;
    one = Object.getPrototypeOf(one)
  )
    names.push(...Object.getOwnPropertyNames(one));
  return names;
}

/** Types too, which are not there at run time; and what they are made of, where users write it. */
function exportedNames(): string[] {
  const code = readFileSync(join(ROOT, 'src', 'index.ts'), 'utf8');
  const lists = [...code.matchAll(/\{([^}]*)\}/g)].flatMap(([, list = '']) => list.split(','));
  return ['makeCodec', ...lists.map((one) => one.trim().split(' ').at(-1) ?? '')];
}

function optionsIn(file: string): string[] {
  const code = readFileSync(join(ROOT, 'src', file), 'utf8');
  return [...code.matchAll(/^ {2}(?: {2})?readonly (\w+)\?:/gm)].map(([, name = '']) => name);
}
