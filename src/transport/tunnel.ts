import type { Socket } from 'node:net';
import type { Tunnel } from './engine.ts';
import type { NodeWire } from './node-wire.ts';

/** Asks the proxy that a socket is connected to; when it has connected us, `done` is called. */
export function passTunnel(wire: NodeWire, socket: Socket, tunnel: Tunnel, done: () => void): void {
  const talk = tunnel.begin();
  const take = (bytes: Buffer): void => {
    try {
      const answer = talk.push(bytes);
      if (answer === undefined) return;
      if ('say' in answer) return void socket.write(answer.say);
      socket.off('data', take);
      socket.pause();
      if (answer.rest.length > 0) socket.unshift(answer.rest);
      done();
    } catch (error) {
      wire.fail(error as Error);
    }
  };
  socket.on('data', take);
  socket.write(talk.hello);
}
