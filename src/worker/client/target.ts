import type { Address } from '../../transport/address.ts';
import type { TlsClientOptions } from '../../transport/tls-options.ts';
import { type ClientAddress, type ClientProtocolName, parseClientAddress, usualPort } from './address.ts';

/** Where a client connects to. `transport` may put TLS under it later, so the usual port is decided last. */
export class Target {
  readonly #address: ClientAddress;
  readonly #scheme: string;

  /** @throws {UsageError} the address cannot be read. */
  constructor(address: string) {
    this.#address = parseClientAddress(address);
    this.#scheme = address.slice(0, address.indexOf(':')).toLowerCase();
  }

  get protocol(): ClientProtocolName {
    return this.#address.protocol;
  }

  get path(): string {
    return this.#address.path;
  }

  /** The host alone, or the path of a Unix socket. */
  get host(): string {
    const { place } = this.#address;
    return place.kind === 'unix' ? place.path : place.host;
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
    const { port } = this.#address;
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
