import { ByteWriter } from '../bytes/byte-writer.ts';
import type { TcpConnection } from '../connection/tcp-connection.ts';

/**
 * Sends one message to many; connections whose codecs speak the same dialect share the encoded bytes.
 * Those that speak HTTP, be it before their upgrade, are passed over: nothing is sent there unasked.
 */
export function encodeOnce(message: unknown, to: Iterable<TcpConnection>): number {
  const frames = new Map<object, Buffer>();
  let lastDialect: object | undefined;
  let lastFrame: Buffer | undefined;
  let accepted = 0;
  for (const connection of to) {
    const { dialect } = connection;
    if (dialect === undefined) {
      if (connection.stage.name !== 'http' && connection.send(message as string)) accepted++;
      continue;
    }
    if (dialect !== lastDialect || lastFrame === undefined) {
      lastDialect = dialect;
      lastFrame = frames.get(dialect) ?? encode(message, connection);
      frames.set(dialect, lastFrame);
    }
    if (connection.sendShared(lastFrame)) accepted++;
  }
  return accepted;
}

function encode(message: unknown, connection: TcpConnection): Buffer {
  const writer = new ByteWriter(256);
  connection.codec.encode(message, writer);
  return Buffer.from(writer.written());
}
