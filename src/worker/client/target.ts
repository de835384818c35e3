import type { AnyProtocol } from '../../protocol/protocol.ts';
import type { Address } from '../../transport/address.ts';
import type { TlsClientOptions } from '../../transport/tls-options.ts';
import { type ClientAddress, parseClientAddress, usualPort } from './address.ts';

/** Where a client connects to. `transport` may put TLS under it later, so the usual port is decided last. */
export class Target {
  readonly #address: ClientAddress;
  readonly #scheme: string;

  /** @param told the option `protocol`. @throws {UsageError} the address cannot be read. */
  constructor(address: string, told?: unknown) {
    this.#address = parseClientAddress(address, told);
    this.#scheme = address.slice(0, address.indexOf(':')).toLowerCase();
  }

  get protocol(): string {
    return this.#address.protocol;
  }

  /** What makes its codecs, where neither bytes nor a WebSocket are spoken. */
  get own(): AnyProtocol | undefined {
    return this.#address.own;
  }

  get path(): string {
    return this.#address.path;
  }

  /** The host alone, or the path of a Unix socket. */
  get host(): string {
    const { place } = this.#address;
    return place.kind === 'unix' ? place.path : place.host;
  }

  /** What the server is called in its certificate, and in HTTP. A Unix socket is of this machine. */
  get name(): string {
    const { place } = this.#address;
    return place.kind === 'unix' ? 'localhost' : place.host;
  }

  get transport(): 'tcp' | 'ssl' | 'unix' {
    if (this.#address.place.kind === 'unix') return 'unix';
    return this.#address.tls ? 'ssl' : 'tcp';
  }

  placeFor(tls: boolean): Address {
    const { place, port } = this.#address;
    return place.kind === 'unix' ? place : { ...place, port: port || usualPort(tls) };
  }

  /** The usual port is not named (RFC 9110 §7.2). */
  hostField(tls: boolean): string {
    const { place, port } = this.#address;
    if (place.kind === 'unix') return this.name;
    return port === 0 || port === usualPort(tls) ? this.#bracketed : `${this.#bracketed}:${port}`;
  }

  /** As it is told in messages: without path and query, which may hold a secret. */
  urlFor(tls: boolean): string {
    const place = this.placeFor(tls);
    if (place.kind === 'unix') return `unix://${place.path}`;
    const web = this.protocol === 'websocket' ? (tls ? 'wss' : 'ws') : undefined;
    const scheme = web ?? (tls && this.#scheme === 'tcp' ? 'ssl' : this.#scheme);
    return `${scheme}://${this.#bracketed}:${place.port}`;
  }

  /** A server of WebSockets is asked for HTTP/1.1 within TLS, unless `ssl` asks for something else. */
  withProtocols(tls: TlsClientOptions): TlsClientOptions {
    return this.protocol === 'websocket' ? { ALPNProtocols: ['http/1.1'], ...tls } : tls;
  }

  get #bracketed(): string {
    return this.host.includes(':') ? `[${this.host}]` : this.host;
  }
}
