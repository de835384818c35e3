import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { createServer as createSecureServer } from 'node:tls';
import { CLOSE, serverFrame, TEXT } from '../../bench/load/frames.ts';

/** How a fake server answers its `index`-th message: with these bytes. */
export type Behaviour = (frame: Buffer, index: number) => Buffer;

export interface FakeOptions {
  readonly answer?: Behaviour;
  /** The status line instead of `HTTP/1.1 101 …`. */
  readonly status?: string;
  /** Every message goes to every connection. */
  readonly broadcasts?: boolean;
  readonly socketio?: boolean;
  readonly tls?: { readonly cert: string; readonly key: string };
}

export interface FakeServer {
  readonly port: number;
  /** Text messages of all connections so far. */
  readonly messages: number;
  /** Close frames of all connections so far. */
  readonly closes: number;
  /** Payloads of the pongs of all connections, also of Socket.IO's own. */
  readonly asides: readonly string[];
  close(): void;
}

const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';

/** A WebSocket server that knows just enough, and does wrong what it is told to. */
export async function fakeServer(options: FakeOptions = {}): Promise<FakeServer> {
  const state = { messages: 0, closes: 0, asides: [] as string[], sockets: new Set<Socket>() };
  const accept = (socket: Socket): void => {
    state.sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => state.sockets.delete(socket));
    serve(socket, options, state);
  };
  const server = options.tls ? createSecureServer(options.tls, accept) : createServer(accept);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    get messages() {
      return state.messages;
    },
    get closes() {
      return state.closes;
    },
    asides: state.asides,
    close: () => {
      server.close();
      for (const socket of state.sockets) socket.destroy();
    },
  };
}

interface State {
  messages: number;
  closes: number;
  readonly asides: string[];
  readonly sockets: ReadonlySet<Socket>;
}

function serve(socket: Socket, options: FakeOptions, state: State): void {
  let bytes = Buffer.alloc(0);
  let isOpen = false;
  socket.on('data', (chunk) => {
    bytes = Buffer.concat([bytes, chunk]);
    if (!isOpen) {
      const end = bytes.indexOf('\r\n\r\n');
      if (end < 0) return;
      isOpen = true;
      socket.write(upgrade(bytes.toString('latin1', 0, end), options));
      bytes = bytes.subarray(end + 4);
    }
    for (let frame = nextFrame(bytes); frame; frame = nextFrame(bytes)) {
      bytes = bytes.subarray(frame.size);
      perform(socket, frame, options, state);
    }
  });
}

function upgrade(head: string, options: FakeOptions): Buffer {
  const key = /Sec-WebSocket-Key: (\S+)/.exec(head)?.[1] ?? '';
  const accept = createHash('sha1')
    .update(key + GUID)
    .digest('base64');
  const status = options.status ?? 'HTTP/1.1 101 Switching Protocols';
  const answer = Buffer.from(`${status}\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`);
  return options.socketio ? Buffer.concat([answer, text('0{"sid":"one"}')]) : answer;
}

function perform(socket: Socket, frame: Frame, options: FakeOptions, state: State): void {
  const said = frame.payload.toString();
  if (frame.first === CLOSE) return goodbye(socket, frame, state);
  if (frame.first !== TEXT || said === '3') return void state.asides.push(said);
  if (options.socketio && said === '40') return void socket.write(text('40{"sid":"two"}'));
  const answer = (options.answer ?? ((same) => same))(serverFrame(TEXT, frame.payload), state.messages++);
  const receivers = options.broadcasts ? state.sockets : [socket];
  for (const receiver of receivers) if (answer.length > 0) receiver.write(answer);
}

function goodbye(socket: Socket, frame: Frame, state: State): void {
  state.closes += 1;
  socket.end(serverFrame(CLOSE, frame.payload));
}

interface Frame {
  readonly first: number;
  readonly payload: Buffer;
  readonly size: number;
}

/** One masked frame of at most 65,535 bytes. */
function nextFrame(bytes: Buffer): Frame | undefined {
  const short = (bytes[1] ?? 0) & 0x7f;
  const head = short === 126 ? 4 : 2;
  if (bytes.length < head) return undefined;
  const length = short === 126 ? bytes.readUInt16BE(2) : short;
  const size = head + 4 + length;
  if (bytes.length < size) return undefined;
  const key = bytes.subarray(head, head + 4);
  const payload = Buffer.from(bytes.subarray(head + 4, size).map((byte, at) => byte ^ (key[at & 3] ?? 0)));
  return { first: bytes[0] ?? 0, payload, size };
}

function text(payload: string): Buffer {
  return serverFrame(TEXT, Buffer.from(payload));
}
