import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import WebSocket from 'ws';
import type { PlanOptions } from '../../../src/front/plan.ts';
import { FORGED_CONNECTION, FORGED_HEADERS } from '../../../src/front/proofs.ts';
import {
  Rehearsal,
  type RehearsalOptions,
  type Seen,
  VISITOR_ADDRESS,
} from '../../../src/front/rehearsal.ts';
import { type Browser, openChromium } from '../chromium.ts';

const PYTHON = fileURLToPath(new URL('../../../../tests/real/tom.py', import.meta.url));
const run = promisify(execFile);

/** A proxy that serves, with a worker behind it, for clients of other people. */
export interface Front {
  readonly rehearsal: Rehearsal;
  readonly url: string;
  readonly caFile: string;
  stop(): Promise<void>;
}

/** The printed configuration in the installed proxy, for the name that every machine has. */
export async function openFront(
  proxy: string,
  plan: Partial<PlanOptions> = {},
  more: Partial<RehearsalOptions> = {},
): Promise<Front> {
  const rehearsal = await Rehearsal.prepare({
    proxy,
    plan: { domain: 'localhost', path: '/wss', ...plan },
    ...more,
  });
  const front = {
    rehearsal,
    url: `wss://localhost:${rehearsal.plan.port}/wss`,
    caFile: join(rehearsal.folder, 'ca.pem'),
    stop: () => rehearsal.stop(),
  };
  try {
    await rehearsal.proxy.start();
  } catch (error) {
    await front.stop();
    throw error;
  }
  return front;
}

/** Node's ws. @returns the answer and the code of the close. */
export async function byWs({ url, caFile }: Front): Promise<string> {
  const socket = await openWs(url, caFile);
  const answer = await askWs(socket, 'tom');
  socket.close(1000);
  const [code] = await once(socket, 'close');
  return `${answer}\n${code}\n`;
}

/** Python's websockets. @returns what `tom.py` prints: the answer and the code of the close. */
export async function byPython({ url, caFile }: Front): Promise<string> {
  const { stdout } = await run('/usr/bin/python3', [PYTHON, url, caFile], { timeout: 20_000 });
  return stdout;
}

/** Chromium, on a page of this machine that is not the proxy's. @returns the answer and the code of the close. */
export async function byChromium({ url, caFile }: Front): Promise<string> {
  const site = await serving('<!doctype html><title>a page</title>');
  let browser: Browser | undefined;
  let said = '';
  try {
    browser = await openChromium({ caFile });
    await browser.page('through a proxy', async (page) => {
      await page.goto(`http://localhost:${(site.address() as AddressInfo).port}/`);
      said = await page.evaluate(exchangeIn, url);
    });
    return said;
  } finally {
    await browser?.close();
    site.close().closeAllConnections();
  }
}

/** What the worker sees of a client that says everything to be somebody else, in two ways. */
export async function seenWhenForged({ url, caFile }: Front): Promise<Seen[]> {
  const seen: Seen[] = [];
  for (const forged of [FORGED_HEADERS, FORGED_CONNECTION]) {
    const socket = await openWs(url, caFile, forged);
    seen.push(JSON.parse(await askWs(socket, 'who')) as Seen);
    socket.terminate();
  }
  return seen;
}

export async function openWs(
  url: string,
  caFile: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<WebSocket> {
  const socket = new WebSocket(url, { ca: readFileSync(caFile), headers, localAddress: VISITOR_ADDRESS });
  await once(socket, 'open');
  return socket;
}

export async function askWs(socket: WebSocket, message: string): Promise<string> {
  socket.send(message);
  const [answer] = await once(socket, 'message');
  return String(answer);
}

/** Runs in the browser, so it may use nothing from here. */
function exchangeIn(url: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const { WebSocket: Socket } = globalThis as unknown as { WebSocket: new (url: string) => BrowserSocket };
    const socket = new Socket(url);
    let answer = '';
    socket.onopen = () => socket.send('tom');
    socket.onmessage = ({ data }) => {
      answer = data;
      socket.close(1000);
    };
    socket.onclose = ({ code }) => resolve(`${answer}\n${code}\n`);
    socket.onerror = () => reject(new Error('the browser does not connect'));
  });
}

interface BrowserSocket {
  onopen: () => void;
  onmessage: (event: { data: string }) => void;
  onclose: (event: { code: number }) => void;
  onerror: () => void;
  send(text: string): void;
  close(code: number): void;
}

async function serving(html: string): Promise<Server> {
  const server = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/html' }).end(html);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}
