import type { X509Certificate } from 'node:crypto';
import { type Address, formatAddress } from '../transport/address.ts';
import type { Wire } from '../transport/engine.ts';
import type { Client } from './trust.ts';

/** Where a connection comes from and where it arrived, in properties and in Workerman's words. */
export abstract class Ends {
  /** @internal */
  abstract readonly wire: Pick<Wire, 'remote' | 'local' | 'secure' | 'tls'>;
  /** @internal Who the current request comes from, where a trusted proxy has told. */
  client: Client | undefined;

  /** @internal The client's address where it is known, else the peer's. */
  get remote(): Address {
    return this.client?.address ?? this.wire.remote;
  }

  /**
   * The client's address: the other end's, or with `trustProxy` what the proxy tells, from the first
   * request on. `''` for a Unix socket, and when a trusted proxy does not know it.
   */
  get remoteIp(): string {
    return hostOf(this.remote);
  }

  /** 0 where it is not known: `x-forwarded-for` and `x-real-ip` seldom tell it. */
  get remotePort(): number {
    return portOf(this.remote);
  }

  /** `ip:port`, an IPv6 address in brackets. */
  get remoteAddress(): string {
    return addressOf(this.remote);
  }

  get localIp(): string {
    return hostOf(this.wire.local);
  }

  get localPort(): number {
    return portOf(this.wire.local);
  }

  get localAddress(): string {
    return addressOf(this.wire.local);
  }

  /** Whether TLS protects this connection: up to here, or with `trustProxy` by `forwarded`, up to the proxy. */
  get secure(): boolean {
    return this.client?.secure ?? this.wire.secure;
  }

  /** The client's certificate, where `verify_peer` asks for one and it has shown one. */
  get peerCertificate(): X509Certificate | undefined {
    return this.wire.tls?.certificate;
  }

  get isIpV4(): boolean {
    return this.remoteIp.includes('.');
  }

  get isIpV6(): boolean {
    return this.remoteIp.includes(':');
  }

  getRemoteIp(): string {
    return this.remoteIp;
  }

  getRemotePort(): number {
    return this.remotePort;
  }

  getRemoteAddress(): string {
    return this.remoteAddress;
  }

  getLocalIp(): string {
    return this.localIp;
  }

  getLocalPort(): number {
    return this.localPort;
  }

  getLocalAddress(): string {
    return this.localAddress;
  }
}

function hostOf(address: Address): string {
  return address.kind === 'ip' ? address.host : '';
}

function portOf(address: Address): number {
  return address.kind === 'ip' ? address.port : 0;
}

function addressOf(address: Address): string {
  return hostOf(address) === '' ? '' : formatAddress(address);
}
