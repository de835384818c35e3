import { type IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { TLSSocket } from 'node:tls';
import type { Sink } from './engine.ts';
import { endsOf, NodeWire } from './node-wire.ts';
import type { UpgradeServer } from './upgrades.ts';

/** A connection that a server has given out, with what had come behind the request. */
interface GivenOut {
  readonly socket: Duplex;
  readonly head: Buffer;
}

const NOTHING: Buffer = Buffer.alloc(0);

/** Answers to upgrades that are not even looked at. */
export const Refusal = { badRequest: '400 Bad Request', unavailable: '503 Service Unavailable' } as const;

/**
 * Makes a wire of a connection that Node's HTTP server has given out. It begins with the request as it was
 * sent, so that whoever serves it reads and judges it as if it had come by itself.
 *
 * @param given `local` is the server's own address, as it tells it: a path where it listens on a Unix socket.
 */
export function adoptUpgrade(
  request: IncomingMessage,
  { socket, head, local }: GivenOut & { readonly local: unknown },
  sink: Sink,
): void {
  if (socket.destroyed) return;
  if (!isSocketAlone(request, socket)) return refuseUpgrade(socket, Refusal.badRequest);
  socket.allowHalfOpen = true;
  // The server's own deadline ends here.
  socket.setTimeout?.(0);
  socket.setNoDelay(true);
  const wire = new NodeWire(socket, sink, endsOf(socket, typeof local === 'string' ? { local } : undefined));
  sink.accepted(wire);
  if (socket.destroyed) return;
  whenWritten(socket, () => {
    socket.unshift(Buffer.concat([headOf(request, request.rawHeaders), head]));
    wire.open({ secure: socket instanceof TLSSocket, events: true, shared: true });
  });
}

/** Has a server answer a request as if it had not asked for another protocol. @see RFC 9110 §7.8 */
export function giveBack(server: UpgradeServer, request: IncomingMessage, { socket, head }: GivenOut): void {
  if (!isSocketAlone(request, socket)) return answerApart(server, request, socket);
  const lines = request.rawHeaders.filter((_, index, all) => {
    const name = all[index - (index % 2)]?.toLowerCase();
    return name !== 'upgrade' && name !== 'connection';
  });
  socket.unshift(Buffer.concat([headOf(request, lines), head]));
  server.emit(socket instanceof TLSSocket ? 'secureConnection' : 'connection', socket);
}

/** From Node 26 on, the body of a request is read apart from what follows it, and the socket may lie under a stream. */
function isSocketAlone(request: IncomingMessage, stream: Duplex): stream is Socket {
  return stream instanceof Socket && request.readableLength === 0;
}

/** With a body that is read apart. The connection serves nothing else afterwards. */
function answerApart(server: UpgradeServer, request: IncomingMessage, stream: Duplex): void {
  request.headers.upgrade = undefined;
  const response = new ServerResponse(request);
  response.shouldKeepAlive = false;
  response.assignSocket(stream as Socket);
  response.on('finish', () => stream.end());
  server.emit('request', request, response);
}

export function refuseUpgrade(stream: Duplex, status: (typeof Refusal)[keyof typeof Refusal]): void {
  stream.on('error', () => stream.destroy());
  stream.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`, () => stream.destroy());
}

/** Node reads field values and targets as Latin-1: this gives back the bytes that came. */
function headOf({ method = '', url = '', httpVersion }: IncomingMessage, fields: readonly string[]): Buffer {
  let head = `${method} ${url} HTTP/${httpVersion}\r\n`;
  for (let index = 0; index < fields.length; index += 2) head += `${fields[index]}: ${fields[index + 1]}\r\n`;
  return Buffer.from(`${head}\r\n`, 'latin1');
}

/** A wire writes past the stream's own queue: answers to requests before this one go first. */
function whenWritten(socket: Socket, then: () => void): void {
  if (socket.writableLength === 0 && socket.writableCorked === 0) then();
  else socket.write(NOTHING, then);
}
