/** What messages are on workers of packages, and of protocols of one's own: compiled with the tests, never run. */
import { type Codec, defineProtocol, Gateway, type Protocol, registerProtocol, Worker } from 'usta';

interface Move {
  readonly x: number;
  readonly y: number;
}

const moves: Protocol<Move, Move> = defineProtocol({
  input: (buffer: Uint8Array) => buffer.indexOf(0x0a) + 1,
  decode: (line: Uint8Array): Move => JSON.parse(String(line)) as Move,
  encode: (move: Move) => `${JSON.stringify(move)}\n`,
});

const oneWay: Protocol<number, string> = defineProtocol({
  input: (buffer) => buffer.length,
  decode: (bytes) => bytes.readUInt8(0),
  encode: (text: string) => Buffer.from(text),
});

declare module 'usta' {
  interface Protocols {
    moves: typeof moves;
  }
}

export function lines(): void {
  const worker = new Worker('text://0.0.0.0:0', { count: 2 });
  worker.onMessage = (connection, line) => connection.send(line.toUpperCase());
  worker.transport = 'ssl';
  worker.broadcast('all');
  // @ts-expect-error: lines are text
  worker.onMessage = (connection) => connection.send(Buffer.alloc(1));
}

export function frames(): void {
  const worker = new Worker('frame://0.0.0.0:0');
  worker.onMessage = (connection, bytes) => connection.send(bytes.subarray(1)) && connection.send('text');
  // @ts-expect-error: a number is neither text nor bytes
  worker.onMessage = (connection) => connection.send(1);
}

export function overTransports(): void {
  const game = new Worker('tcp://0.0.0.0:7000', { protocol: moves });
  game.onMessage = (connection, move) => connection.send({ x: move.x + 1, y: move.y });
  // @ts-expect-error: not a Move
  game.onMessage = (connection) => connection.send({ x: 1 });
  // @ts-expect-error: a Move has no z
  game.onMessage = (_, move) => move.z;
  new Worker('ssl://0.0.0.0:7000', { protocol: moves, onMessage: (_, move) => move.x });
  new Worker('unix:///run/moves.sock', { protocol: oneWay }).onMessage = (connection, byte) =>
    connection.send(byte.toFixed());
  new Worker('unix:///run/lines.sock', { protocol: 'text' }).onMessage = (connection, line) =>
    connection.send(line.trim());
  new Worker('unix:///run/web.sock', { protocol: 'http' }).onMessage = (connection, request) =>
    connection.send(request.path);
  new Worker(process.env.ADDRESS ?? 'tcp://0.0.0.0:1', { protocol: moves }).onMessage = (_, move) => move.y;
  const typed: Worker<typeof moves> = game;
  typed.broadcast({ x: 1, y: 2 });
}

export function inferred(): void {
  const protocol = defineProtocol({
    input: (buffer) => buffer.length,
    decode: (bytes) => bytes.readUInt8(0),
    encode: (text: string) => Buffer.from(text),
  });
  new Worker('tcp://0.0.0.0:0', {
    protocol,
    onMessage: (connection, byte) => connection.send(byte.toFixed()),
  });
}

export function bySchemes(): void {
  registerProtocol('moves', moves);
  const worker = new Worker('moves://0.0.0.0:7000', { context: () => ({ name: '' }) });
  worker.onMessage = (connection, move) => connection.send({ x: move.x, y: connection.context.name.length });
  registerProtocol('unheard', oneWay);
  // @ts-expect-error: the interface says that it is another
  registerProtocol('moves', oneWay);
  // @ts-expect-error: nobody has told the interface of this scheme
  new Worker('unheard://0.0.0.0:1');
}

export function wholeCodecs(make: () => Codec<Move, string>): void {
  const protocol: Protocol<Move, string> = { name: 'mine', makeCodec: make };
  new Worker('tcp://0.0.0.0:1', { protocol }).onMessage = (connection, move) => connection.send(`${move.x}`);
}

export function mistakes(): void {
  // @ts-expect-error: its scheme says what is spoken
  new Worker('websocket://0.0.0.0:0', { protocol: moves });
  // @ts-expect-error: its scheme says what is spoken
  new Worker('text://0.0.0.0:0', { protocol: 'frame' });
  // @ts-expect-error: there is no such protocol
  new Worker('tcp://0.0.0.0:0', { protocol: 'txt' });
  // @ts-expect-error: encode gives text or bytes
  defineProtocol({ input: () => 0, decode: () => 1, encode: (one: number) => one });
}

export function datagrams(): void {
  const clock = new Worker('udp://0.0.0.0:5353', { count: 2, onError: (_connection, code) => code });
  clock.onMessage = (connection, message) => {
    connection.send(message.subarray(1)) && connection.send('text');
    connection.close([connection.remoteIp, connection.getRemotePort()].join());
  };
  clock.onWorkerStart = ({ id }) => id;
  new Worker('udp://0.0.0.0:0', {
    protocol: moves,
    onMessage: (connection, move) => connection.send({ x: move.y, y: move.x }),
  });
  new Worker('udp://0.0.0.0:0', { protocol: 'text' }).onMessage = (connection, line) =>
    connection.send(line.trim());
  // @ts-expect-error: nothing opens
  clock.onConnect = () => {};
  // @ts-expect-error: datagrams are not WebSocket
  new Worker('udp://0.0.0.0:0', { protocol: 'websocket' });
  // @ts-expect-error: no TLS there
  new Worker('udp://0.0.0.0:0', { ssl: { cert: '', key: '' } });
}

export function gateways(): void {
  new Gateway('text://0.0.0.0:0').onMessage = (connection, line) => connection.send(line.trim());
  // @ts-expect-error: a gateway holds connections
  new Gateway('udp://0.0.0.0:0');
  // @ts-expect-error: what travels to business processes is text or bytes
  new Gateway('moves://0.0.0.0:0');
  // @ts-expect-error: the same
  new Gateway('tcp://0.0.0.0:0', { protocol: moves });
}
