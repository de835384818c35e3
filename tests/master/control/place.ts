import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Obey } from '../../../src/master/control/control-connection.ts';
import { type ControlOptions, ControlServer } from '../../../src/master/control/control-server.ts';
import type { ControlPlace } from '../../../src/master/control/socket-path.ts';

/** Directories and servers of one test; `leave` takes them away. */
export class Site {
  readonly directory: string = realpathSync(mkdtempSync(join(tmpdir(), 'control-')));
  readonly #undo: (() => unknown)[] = [() => rmSync(this.directory, { recursive: true, force: true })];

  get place(): ControlPlace {
    return { script: '/srv/game.js', paths: [join(this.directory, 'game-1a2b3c4d.sock')] };
  }

  async serve(obey: Obey = async () => undefined, options: ControlOptions = {}): Promise<ControlServer> {
    const server = await ControlServer.open(this.place, obey, options);
    this.undo(() => server.close());
    return server;
  }

  undo(step: () => unknown): void {
    this.#undo.push(step);
  }

  async leave(): Promise<void> {
    for (const step of this.#undo.splice(0).reverse()) await step();
  }
}

const CLOSED = Symbol('closed');

/** A client without manners: it sends what the test wants, and keeps what it hears. */
export class Caller {
  readonly socket: Socket;
  text = '';
  readonly closed: Promise<unknown>;

  constructor(path: string) {
    this.socket = connect({ path, allowHalfOpen: true });
    this.socket.on('error', () => {});
    this.socket.setEncoding('utf8').on('data', (text: string) => {
      this.text += text;
    });
    this.closed = new Promise((resolve) => this.socket.once('close', resolve));
  }

  get lines(): Readonly<Record<string, unknown>>[] {
    return this.text
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line) as Record<string, unknown>);
  }

  send(request: object): void {
    this.socket.write(`${JSON.stringify(request)}\n`);
  }

  /** Resolves when so many lines of this type have come; rejects when the master ends first. */
  async hears(type: string, times: number = 1): Promise<Readonly<Record<string, unknown>>> {
    for (;;) {
      const found = this.lines.filter((line) => line.type === type);
      const last = found.at(times - 1);
      if (last) return last;
      const over = await Promise.race([this.closed.then(() => CLOSED), this.#event('data')]);
      if (over === CLOSED && this.lines.filter((line) => line.type === type).length < times)
        throw new Error(`closed, without ${type}: ${this.text}`);
    }
  }

  /** Ends both sides when the master has ended its own. */
  async ends(): Promise<void> {
    if (!this.socket.readableEnded) await Promise.race([this.#event('end'), this.closed]);
    this.socket.end();
    await this.closed;
  }

  #event(name: string): Promise<unknown> {
    return new Promise((resolve) => this.socket.once(name, resolve));
  }
}
