/** Lets the cases of Autobahn, written for servers, examine a client: stands between the two as a server. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { mask, turnKey } from '../../src/bytes/mask.ts';
import { acceptKey } from '../../src/protocol/websocket/handshake.ts';
import { OPCODE } from '../autobahn/frames.ts';

const HEAD_END = '\r\n\r\n';
const AGREED = 'permessage-deflate; server_no_context_takeover; client_no_context_takeover';

interface Asked {
  /** Octets behind the request. */
  readonly rest: Buffer;
  /** permessage-deflate was agreed on. */
  readonly deflate: boolean;
}

/** Answers a client's request. */
async function answer(socket: Socket, mayDeflate: boolean): Promise<Asked> {
  let head = Buffer.alloc(0);
  while (!head.includes(HEAD_END)) {
    const [chunk] = (await once(socket, 'data')) as [Buffer];
    head = Buffer.concat([head, chunk]);
  }
  socket.pause();
  const text = head.toString('latin1');
  const [, key = ''] = /sec-websocket-key: *(\S+)/i.exec(text) ?? [];
  const deflate = mayDeflate && text.includes('permessage-deflate');
  const extension = deflate ? `Sec-WebSocket-Extensions: ${AGREED}\r\n` : '';
  socket.write(
    'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
      `Sec-WebSocket-Accept: ${acceptKey(key)}\r\n${extension}\r\n`,
  );
  return { rest: head.subarray(head.indexOf(HEAD_END) + HEAD_END.length), deflate };
}

/** Takes the mask off frames as they flow, in whatever pieces they come. */
class Unmasking {
  #head: number[] = [];
  #left = 0;
  #key = 0;
  /** A Close frame was among them. */
  closed = false;

  /** @throws a frame is not masked. */
  push(chunk: Buffer): Buffer {
    const out: Buffer[] = [];
    for (let at = 0; at < chunk.length; ) {
      if (this.#left === 0) this.#begin(chunk[at++] ?? 0, out);
      else at += this.#payload(chunk.subarray(at), out);
    }
    return Buffer.concat(out);
  }

  /** One octet of a frame's head. */
  #begin(octet: number, out: Buffer[]): void {
    const [first = 0, second = 0] = this.#head.push(octet) > 1 ? this.#head : [];
    if (this.#head.length < 2) return;
    assert.ok((second & 0x80) !== 0, 'a client masks every frame (RFC 6455 §5.1)');
    const short = second & 0x7f;
    const size = short === 127 ? 10 : short === 126 ? 4 : 2;
    if (this.#head.length < size + 4) return;
    const head = Buffer.from(this.#head);
    this.#head = [];
    this.#key = head.readInt32LE(size);
    this.#left = size === 2 ? short : size === 4 ? head.readUInt16BE(2) : Number(head.readBigUInt64BE(2));
    this.closed ||= (first & 0x0f) === OPCODE.close;
    head[1] = short;
    out.push(head.subarray(0, size));
  }

  #payload(chunk: Buffer, out: Buffer[]): number {
    const part = Buffer.from(chunk.subarray(0, this.#left));
    mask(new DataView(part.buffer, part.byteOffset, part.length), 0, part.length, this.#key);
    this.#key = turnKey(this.#key, part.length);
    this.#left -= part.length;
    out.push(part);
    return part.length;
  }
}

/**
 * Where a case connects to, and where the client does that is examined: what the case sends as a client arrives
 * there as from a server, and back.
 *
 * @param callClient has a client connect to this port.
 */
export async function relay(callClient: (port: number) => void): Promise<{ port: number; close(): void }> {
  const waiting: Socket[] = [];
  const front = createServer({ allowHalfOpen: true }, (socket) => {
    waiting.push(socket);
    callClient(portOf(back));
  });
  const back = createServer({ allowHalfOpen: true }, (client) => join(waiting.shift() as Socket, client));
  for (const server of [front, back]) {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
  }
  const close = (): void => {
    front.close();
    back.close();
  };
  return { port: portOf(front), close };
}

async function join(judge: Socket, client: Socket): Promise<void> {
  for (const socket of [judge, client]) socket.setNoDelay(true).on('error', () => {});
  const [toClient, toJudge] = [new Unmasking(), new Unmasking()];
  const asked = await answer(judge, true);
  const fromClient = await answer(client, asked.deflate);
  judge.on('data', (chunk: Buffer) => client.writable && client.write(toClient.push(chunk)));
  client.on('data', (chunk: Buffer) => {
    judge.write(toJudge.push(chunk));
    if (toJudge.closed) client.end();
  });
  client.on('end', () => judge.end());
  client.on('close', () => judge.end());
  judge.on('close', () => client.destroy());
  if (asked.rest.length > 0) judge.unshift(asked.rest);
  if (fromClient.rest.length > 0) client.unshift(fromClient.rest);
  judge.resume();
  client.resume();
}

function portOf(server: Server): number {
  return (server.address() as { port: number }).port;
}
