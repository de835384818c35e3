import { type Address, formatAddress } from '../transport/address.ts';
import type { Wire } from '../transport/engine.ts';

/** Where a connection comes from and where it arrived, in properties and in Workerman's words. */
export abstract class Ends {
  /** @internal */
  abstract readonly wire: Wire;

  /** The other end's address; a Unix socket has `''`. */
  get remoteIp(): string {
    return hostOf(this.wire.remote);
  }

  get remotePort(): number {
    return portOf(this.wire.remote);
  }

  /** `ip:port`, an IPv6 address in brackets. */
  get remoteAddress(): string {
    return addressOf(this.wire.remote);
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

  /** Whether TLS protects this connection up to here. */
  get secure(): boolean {
    return this.wire.secure;
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
  return address.kind === 'unix' ? '' : formatAddress(address);
}
