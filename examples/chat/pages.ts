/** The page, and the client's modules that it imports: all that is served, read when it is first asked for. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Request, Response } from 'usta';
import { MAX_NAME, MAX_TEXT } from './protocol.ts';
import { GATEWAY_PORT, GATEWAY_URL, ROOMS } from './settings.ts';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
};
/** Its own scripts and styles, and connections: nothing else, whatever somebody may write into a chat. */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self' ws: wss:; " +
  "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

let files: ReadonlyMap<string, Response> | undefined;

export function answer({ method, path }: Request): Response {
  if (method !== 'GET' && method !== 'HEAD') return textAnswer(405, 'GET only\n');
  files ??= readAll();
  return files.get(path) ?? textAnswer(404, 'not here\n');
}

function readAll(): Map<string, Response> {
  const settings = {
    port: GATEWAY_PORT,
    url: GATEWAY_URL,
    rooms: ROOMS,
    maxName: MAX_NAME,
    maxText: MAX_TEXT,
  };
  const all = new Map([
    ...readFolder('/', pageFolder()),
    ...readFolder('/usta/', dirname(createRequire(import.meta.url).resolve('usta/client'))),
    ['/settings.js', fileAnswer('.js', `export default ${JSON.stringify(settings)};\n`)] as const,
  ]);
  const index = all.get('/index.html');
  return index ? all.set('/', index) : all;
}

function readFolder(path: string, folder: string): [string, Response][] {
  const names = readdirSync(folder).filter((name) => extname(name) in TYPES);
  return names.map((name) => [`${path}${name}`, fileAnswer(extname(name), readFileSync(join(folder, name)))]);
}

/** Beside this file, or, when this one was compiled into `dist`, beside its source. */
function pageFolder(): string {
  const places = ['./page/', '../../../examples/chat/page/'].map((place) =>
    fileURLToPath(new URL(place, import.meta.url)),
  );
  return places.find((place) => existsSync(place)) ?? './page';
}

function fileAnswer(extension: string, body: string | Buffer): Response {
  const headers = {
    'content-type': TYPES[extension] ?? 'application/octet-stream',
    'content-security-policy': POLICY,
    'cache-control': 'no-cache',
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
  };
  return new Response(200, headers, body);
}

function textAnswer(status: number, text: string): Response {
  return new Response(status, { 'content-type': 'text/plain; charset=utf-8' }, text);
}
