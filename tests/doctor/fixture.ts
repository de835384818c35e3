import type { TlsOptions } from 'node:tls';
import type { Code } from '../../src/doctor/catalogue.ts';
import type { ExamineOptions } from '../../src/doctor/examination.ts';
import { answering, type Conduct, type Pair, type Site } from './site.ts';

/** What is examined. */
export interface Asked {
  readonly url: string;
  readonly options?: ExamineOptions;
}

/** One set-up that is broken in one way, and the cause that the doctor must name. */
export interface Fixture {
  readonly code: Code;
  /** How it is set up, as a person would say it. */
  readonly setUp: string;
  /** True for what is seen besides and is no fault by itself. */
  readonly also?: boolean;
  arrange(site: Site): Promise<Asked>;
}

/** In milliseconds. */
export const DAY = 86_400_000;
export const NGINX: readonly string[] = ['Server: nginx/1.22.1'];
export const APACHE: readonly string[] = ['Server: Apache/2.4.65 (Debian)'];
export const CLOUDFLARE: readonly string[] = ['Server: cloudflare', 'CF-RAY: 8f0c3e1d2a3b4c5d-FRA'];
/** For set-ups that answer nothing. */
export const SOON: ExamineOptions = { timeout: 1 };

export function shop(
  port: number,
  authorities: readonly string[],
  scheme: string = 'wss',
  options: ExamineOptions = {},
): Asked {
  return {
    url: `${scheme}://shop.example:${port}/wss`,
    options: { address: '127.0.0.1', authorities, ...options },
  };
}

/** A server with a certificate that is right, and something wrong behind it. */
export async function behindTls(site: Site, conduct: Conduct): Promise<Asked> {
  return shop(await site.secure(site.pair(), conduct), [site.authority.cert]);
}

export async function named(
  site: Site,
  answer: 'unknown' | 'failure' | 'silence' | readonly string[],
): Promise<Asked> {
  const nameServers = [await site.names(answer)];
  const options = answer === 'silence' ? SOON : {};
  return { url: 'wss://shop.example/', options: { ...options, nameServers } };
}

/** Answers a ClientHello with a fatal alert. */
export async function alerting(site: Site, alert: number): Promise<Asked> {
  const port = await site.plain(answering(Buffer.from([0x15, 3, 3, 0, 2, 2, alert])));
  return { url: `wss://shop.example:${port}/`, options: { address: '127.0.0.1' } };
}

export async function clientCertificate(site: Site, options: TlsOptions): Promise<Asked> {
  const pair: Pair = site.pair();
  const tls = { ...pair, requestCert: true, rejectUnauthorized: true, ca: site.authority.cert, ...options };
  return shop(await site.secure(tls, answering('HTTP/1.1 200 OK\r\n\r\n')), [site.authority.cert]);
}

/**
 * Answers pings of a client.
 *
 * @param onData is told how many bytes came at once.
 * @param idle milliseconds without bytes after which the connection is cut.
 */
export function ponging(
  onData: (stream: Parameters<Conduct>[0], size: number) => unknown = () => undefined,
  idle?: number,
): Conduct {
  return (stream) => {
    const cut = (): NodeJS.Timeout => setTimeout(() => stream.destroy(), idle);
    let timer = idle === undefined ? undefined : cut();
    stream.on('close', () => clearTimeout(timer));
    stream.on('data', (bytes: Buffer) => {
      if (timer) {
        clearTimeout(timer);
        timer = cut();
      }
      onData(stream, bytes.length);
      const ping = bytes.lastIndexOf(Buffer.of(0x89, 0x80 | 11));
      const after = bytes.lastIndexOf(Buffer.of(0x89, 0x80 | 5));
      for (const [at, size] of [
        [ping, 11],
        [after, 5],
      ] as const) {
        if (at < 0 || at + 6 + size > bytes.length || stream.destroyed) continue;
        const key = bytes.subarray(at + 2, at + 6);
        const payload = bytes
          .subarray(at + 6, at + 6 + size)
          .map((byte, index) => byte ^ (key[index % 4] ?? 0));
        stream.write(frame(0x8a, Buffer.from(payload)));
      }
    });
  };
}

/** A frame as servers send it. */
export function frame(first: number, payload: Buffer): Buffer {
  const head =
    payload.length < 126 ? [first, payload.length] : [first, 126, payload.length >> 8, payload.length & 0xff];
  return Buffer.concat([Buffer.from(head), payload]);
}
