import type { Socket } from 'node:net';
import type { PrefaceReader } from './engine.ts';
import type { NodeWire } from './node-wire.ts';

/** Reads what stands in front of a connection; then its wire has its real ends, and `done` is called. */
export function readPreface(
  wire: NodeWire,
  socket: Socket,
  { reader, done }: { readonly reader: PrefaceReader; readonly done: () => void },
): void {
  const take = (bytes: Buffer): void => {
    try {
      const preface = reader.push(bytes);
      if (preface === undefined) return;
      socket.off('data', take);
      socket.pause();
      if (preface.rest.length > 0) socket.unshift(preface.rest);
      if (preface.ends) wire.settle(preface.ends);
      done();
    } catch (error) {
      wire.fail(error as Error);
    }
  };
  socket.on('data', take);
  socket.resume();
}
