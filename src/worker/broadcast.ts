import { ByteWriter } from '../bytes/byte-writer.ts';
import type { TcpConnection } from '../connection/tcp-connection.ts';

/**
 * Sends one message to many; connections whose codecs speak the same dialect share the encoded bytes.
 * Those that speak HTTP, be it before their upgrade, are passed over: nothing is sent there unasked.
 */
export function encodeOnce(message: unknown, to: Iterable<TcpConnection>): number {
  const frames = new Map<object, Buffer>();
  let accepted = 0;
  for (const connection of to) {
    if (connection.stage.name === 'http') continue;
    const { dialect } = connection.codec;
    if (dialect === undefined || !connection.isOpen) {
      if (connection.send(message as string)) accepted++;
      continue;
    }
    let frame = frames.get(dialect);
    if (frame === undefined) {
      frame = encode(message, connection);
      frames.set(dialect, frame);
    }
    if (connection.sendShared(frame)) accepted++;
  }
  return accepted;
}

function encode(message: unknown, connection: TcpConnection): Buffer {
  const writer = new ByteWriter(256);
  connection.codec.encode(message, writer);
  return Buffer.from(writer.written());
}
