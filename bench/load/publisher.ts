import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { LoadFailure } from './failure.ts';
import { type Talk, VARIANTS } from './frames.ts';

/** A process of the server that publishes what it is told, a line for each message. */
export class Publisher {
  /** Rejects when it goes away; never resolves. */
  readonly failure: Promise<never>;
  readonly #socket: Socket;
  readonly #lines: readonly string[];
  #next = 0;

  private constructor(socket: Socket, talk: Talk) {
    this.#socket = socket;
    this.#lines = talk.messages.map((message) => `${message}\n`);
    this.failure = new Promise((_, reject) => {
      const gone = (): void => reject(new LoadFailure('the publishing process is gone'));
      socket.once('error', gone).once('close', gone);
    });
    this.failure.catch(() => undefined);
  }

  /** @throws {Error} nobody listens there. */
  static async reach(host: string, port: number, talk: Talk): Promise<Publisher> {
    const socket = connect({ host, port, noDelay: true });
    await once(socket, 'connect');
    return new Publisher(socket, talk);
  }

  /** Tells it of the next `count` messages, in one write. */
  publish(count: number): void {
    let lines = '';
    for (let message = 0; message < count; message++) lines += this.#lines[this.#next++ % VARIANTS];
    this.#socket.write(lines);
  }

  leave(): void {
    this.#socket.destroy();
  }
}
