import { randomBytes } from 'node:crypto';
import { clientRequest } from '../protocol/websocket/client-handshake.ts';
import { type Answer, readAnswer } from './answer.ts';
import type { Examination } from './examination.ts';
import { type Secured, shakeHands, type Unsecured } from './handshake.ts';
import { Line } from './line.ts';
import { reach } from './reach.ts';

/** A connection over which requests can go, or why there is none. */
export type Opened =
  | { readonly kind: 'line'; readonly line: Line; readonly secured?: Secured }
  | { readonly kind: 'unreachable' }
  | Unsecured;

/** Connects as the scheme says, within the time of one step. */
export async function open(
  examination: Examination,
  address: string,
  secure: boolean = examination.target.secure,
): Promise<Opened> {
  const { host, port } = examination.target;
  const reached = await reach(address, port, examination.deadline.step());
  if (reached.kind !== 'open') return { kind: 'unreachable' };
  if (!secure) return { kind: 'line', line: new Line(reached.socket) };
  const secured = await shakeHands(reached.socket, { host, milliseconds: examination.deadline.step() });
  return secured.kind === 'secure' ? { kind: 'line', line: secured.line, secured } : secured;
}

/** Whether the server agrees on HTTP/2 when that is offered, and on nothing when HTTP/1.1 is. */
export async function hasOnlyHttp2(examination: Examination, address: string): Promise<boolean> {
  const offers = [{}, { application: 'h2' }] as const;
  const agreed: string[] = [];
  for (const offer of offers) {
    const { host, port } = examination.target;
    const reached = await reach(address, port, examination.deadline.step());
    if (reached.kind !== 'open') return false;
    const milliseconds = examination.deadline.step();
    const shaken = await shakeHands(reached.socket, { host, milliseconds, ...offer });
    if (shaken.kind === 'secure') shaken.line.close();
    agreed.push(shaken.kind === 'secure' ? shaken.application : '');
  }
  return agreed.join() === ',h2';
}

/** A request that was sent, with what came back. */
export interface Exchange {
  readonly key: string;
  readonly answer: Answer;
}

/**
 * Sends the handshake (or, for http and https, an ordinary request) and reads the answer.
 *
 * @param origin of the page that asks; `undefined` for a client that is no browser.
 */
export async function ask(
  examination: Examination,
  line: Line,
  origin: string | undefined,
): Promise<Exchange> {
  const key = randomBytes(16).toString('base64');
  line.write(requestFor(examination, key, origin));
  return { key, answer: await readAnswer(line, examination.deadline.step()) };
}

/** @throws {UsageError} something that was asked for cannot be sent. */
export function requestFor(examination: Examination, key: string, origin: string | undefined): string {
  const { target, options } = examination;
  const { authority: host, path } = target;
  const { protocols = [], headers = {} } = options;
  const handshake = clientRequest({ host, path, key, protocols, headers, origin, deflate: true });
  if (target.upgrade) return handshake;
  return pageRequest(host, path, { ...headers, ...(origin === undefined ? {} : { Origin: origin }) });
}

function pageRequest(host: string, path: string, headers: Readonly<Record<string, string>>): string {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return `GET ${path} HTTP/1.1\r\nHost: ${host}\r\nAccept: */*\r\nConnection: close\r\n${lines.join('')}\r\n`;
}
