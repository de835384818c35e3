import { createHash, randomBytes } from 'node:crypto';
import { connect, isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';

const DEADLINE_MS = 5000;
/** RFC 6455 §1.3 */
const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
/** "ok" in one unmasked text frame (RFC 6455 §5.2). */
const OK = Buffer.from([0x81, 0x02, 0x6f, 0x6b]);

/**
 * Proves services one after the other, a line each.
 *
 * @param ca the only root that is trusted.
 * @returns true when every one answered.
 */
export async function selfTest(
  urls: readonly string[],
  ca: string,
  print: (line: string) => void,
): Promise<boolean> {
  let proven = true;
  for (const url of urls) {
    try {
      print(`✓ ${url}  tom → ok  ${Math.ceil(await exchange(url, ca))} ms`);
    } catch (error) {
      proven = false;
      print(`✗ ${url}  ${reasonOf(error)}`);
    }
  }
  return proven;
}

/** One line: OpenSSL's own errors come with file names of its sources, a failed `localhost` without a text. */
export function reasonOf(error: unknown): string {
  const { reason, message, code } = error as { reason?: string; message?: string; code?: string };
  return (reason || message || code || String(error)).trim().replaceAll(/\s*\n\s*/g, ' ');
}

/**
 * Connects as a client that nothing here has a part in but the network: its own handshake, its own
 * frames, and for wss a check of certificate and name with `ca` as the only root.
 *
 * @param url `ws://` or `wss://`, with a port.
 * @returns milliseconds from `tom` to `ok`.
 * @throws with the reason in one line.
 */
async function exchange(url: string, ca: string): Promise<number> {
  const { protocol, hostname, port, host } = new URL(url);
  const target = { host: hostname, port: Number(port) };
  const secure = protocol === 'wss:';
  const socket = secure
    ? connectTls({ ...target, servername: isIP(hostname) ? '' : hostname, ca, ALPNProtocols: ['http/1.1'] })
    : connect(target);
  const inbox = new Inbox(socket);
  try {
    await inbox.connected(secure ? 'secureConnect' : 'connect');
    await upgrade(socket, inbox, host);
    return await tom(socket, inbox);
  } finally {
    socket.destroy();
  }
}

async function upgrade(socket: Socket, inbox: Inbox, host: string): Promise<void> {
  const key = randomBytes(16).toString('base64');
  const head = [`GET / HTTP/1.1`, `Host: ${host}`, 'Upgrade: websocket', 'Connection: Upgrade'];
  socket.write([...head, `Sec-WebSocket-Key: ${key}`, 'Sec-WebSocket-Version: 13', '', ''].join('\r\n'));

  const answer = String(await inbox.until(endOfHead));
  const [status = ''] = answer.split('\r\n');
  if (!status.startsWith('HTTP/1.1 101 ')) throw new Error(`the upgrade was answered with "${status}"`);
  const accept = /^sec-websocket-accept: *(\S+) *\r$/im.exec(answer)?.[1];
  const wanted = createHash('sha1')
    .update(key + GUID)
    .digest('base64');
  if (accept !== wanted)
    throw new Error(`the upgrade was answered with a wrong Sec-WebSocket-Accept: ${accept}`);
}

function endOfHead(bytes: Buffer): number | undefined {
  const end = bytes.indexOf('\r\n\r\n');
  return end < 0 ? undefined : end + 4;
}

async function tom(socket: Socket, inbox: Inbox): Promise<number> {
  const mask = randomBytes(4);
  const started = performance.now();
  socket.write(
    Buffer.concat([
      Buffer.from([0x81, 0x83]),
      mask,
      Buffer.from('tom').map((byte, at) => byte ^ (mask[at] ?? 0)),
    ]),
  );
  const answer = await inbox.until((bytes) => (bytes.length >= OK.length ? OK.length : undefined));
  if (!answer.equals(OK)) throw new Error(`"tom" was answered with the bytes ${answer.toString('hex')}`);
  const took = performance.now() - started;
  const goodbye = Buffer.from([0x88, 0x82, 0, 0, 0, 0, 0x03, 0xe8]);
  socket.write(goodbye);
  const closing = await inbox.until((bytes) => (bytes.length >= 4 ? 4 : undefined));
  if (closing.readUInt16BE(2) !== 1000)
    throw new Error(`our close frame was answered with the bytes ${closing.toString('hex')}`);
  return took;
}

/** What has arrived and not been taken; every wait ends with the connection or the deadline. */
class Inbox {
  readonly #socket: Socket;
  readonly #signal: AbortSignal = AbortSignal.timeout(DEADLINE_MS);
  #bytes = Buffer.alloc(0);
  #failure: Error | undefined;
  #wake: () => void = () => undefined;

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('data', (chunk: Buffer) => {
      this.#bytes = Buffer.concat([this.#bytes, chunk]);
      this.#wake();
    });
    socket.on('error', (error) => this.#fail(error));
    socket.on('close', () => this.#fail(new Error('the server closed the connection')));
    this.#signal.addEventListener('abort', () =>
      this.#fail(new Error(`no answer within ${DEADLINE_MS / 1000} s`)),
    );
  }

  connected(event: 'connect' | 'secureConnect'): Promise<void> {
    let done = false;
    this.#socket.once(event, () => {
      done = true;
      this.#wake();
    });
    return this.#wait(() => done || undefined).then(() => undefined);
  }

  /** @param complete how many bytes make the whole, `undefined` while there are too few. */
  async until(complete: (bytes: Buffer) => number | undefined): Promise<Buffer> {
    const end = await this.#wait(() => complete(this.#bytes));
    const taken = this.#bytes.subarray(0, end);
    this.#bytes = this.#bytes.subarray(end);
    return taken;
  }

  #wait<T>(ready: () => T | undefined): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#wake = () => {
        const value = ready();
        if (value !== undefined) resolve(value);
        else if (this.#failure) reject(this.#failure);
      };
      this.#wake();
    });
  }

  #fail(error: Error): void {
    this.#failure ??= error;
    this.#wake();
  }
}
