import { type EventEmitter, once } from 'node:events';
import { createRequire } from 'node:module';
import { type Event, type Heard, message } from './frames.ts';

/** The parts of `ws` that have no types: a second opinion on what frames mean. */
interface Ws {
  readonly Receiver: new (options: object) => EventEmitter & { end(bytes: Buffer): void };
  readonly PerMessageDeflate: new (options: object) => Deflater;
}

interface Deflater {
  accept(configurations: readonly object[]): object;
  compress(data: Buffer, final: boolean, callback: (error: Error | null, data: Buffer) => void): void;
}

const ws = createRequire(import.meta.url)('ws') as Ws;

export interface OracleOptions {
  readonly role: 'server' | 'client';
  readonly maxMessage: number;
  readonly deflate?: boolean;
}

/** What `ws` hears of these bytes. */
export async function oracleHears(bytes: Buffer, options: OracleOptions): Promise<Heard> {
  const { role, maxMessage, deflate = false } = options;
  const receiver = new ws.Receiver({
    isServer: role === 'server',
    maxPayload: maxMessage,
    extensions: deflate ? { 'permessage-deflate': deflater(role, maxMessage) } : {},
  });
  const events: Event[] = [];
  receiver.on('message', (data: Buffer, isBinary: boolean) =>
    events.push(message(isBinary ? data : `${data}`)),
  );
  receiver.on('ping', (payload: Buffer) => events.push({ type: 'ping', payload }));
  receiver.on('pong', (payload: Buffer) => events.push({ type: 'pong', payload }));
  receiver.on('conclude', (code: number, reason: Buffer) => {
    events.push(code === 1005 ? { type: 'end' } : { type: 'end', code, reason: `${reason}` });
  });
  receiver.end(bytes);
  try {
    await once(receiver, 'finish');
    return { events, refused: undefined };
  } catch (error) {
    return { events, refused: statusOf(error as object) };
  }
}

/** A message as `ws` compresses it. */
export function oracleDeflates(bytes: Buffer): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    deflater('client', 0).compress(bytes, true, (error, data) =>
      error ? reject(error) : resolve(Buffer.from(data)),
    );
  });
}

function deflater(role: 'server' | 'client', maxPayload: number): Deflater {
  const one = new ws.PerMessageDeflate({ isServer: role === 'server', maxPayload });
  one.accept([
    role === 'server' ? {} : { server_no_context_takeover: [true], client_no_context_takeover: [true] },
  ]);
  return one;
}

/** `ws` keeps the close code of an error under a symbol of its own. */
function statusOf(error: object): number {
  const symbol = Object.getOwnPropertySymbols(error).find(({ description }) => description === 'status-code');
  if (!symbol) throw error;
  return (error as Record<symbol, number>)[symbol] ?? 0;
}
