import { networksOf, Trust, type TrustOptions } from '../connection/trust.ts';
import type { ProxiedEnds } from '../protocol/proxy-header/proxy-header.ts';
import { ProxyHeaderReader } from '../protocol/proxy-header/proxy-header-reader.ts';
import { type Address, formatAddress, isLoopback } from '../transport/address.ts';
import type { ListenOptions, Preface } from '../transport/engine.ts';
import type { Networks } from '../transport/networks.ts';

export interface ProxyOptions {
  /**
   * Proxies in front whose word counts about where requests come from; nobody's by default. An address
   * without host (`websocket://:8282`) means 127.0.0.1 then.
   */
  readonly trustProxy?: TrustOptions;
  /**
   * Peers that begin every connection with a PROXY header, version 1 or 2, before TLS and everything else:
   * addresses, networks, `'loopback'`, `'private'` or `'unix'`. Without one they are refused, and so is
   * anybody else who sends one. With this option a connection is opened when its first bytes have come.
   */
  readonly proxyProtocol?: readonly string[];
}

/** What a worker knows of the proxies in front of it. */
export class Proxies {
  readonly trust: Trust | undefined;
  readonly #senders: Networks | undefined;

  /** @throws {UsageError} an entry is no network. */
  constructor({ trustProxy, proxyProtocol }: ProxyOptions) {
    this.trust = trustProxy && new Trust(trustProxy);
    this.#senders = proxyProtocol && networksOf('proxyProtocol', proxyProtocol);
  }

  /** How connections begin, for the engine; `undefined` when with the protocol itself. */
  get preface(): ListenOptions['preface'] {
    const senders = this.#senders;
    if (senders === undefined) return undefined;
    return (peer) => {
      const reader = new ProxyHeaderReader(senders.has(peer));
      return { push: (bytes) => prefaceOf(reader, bytes) };
    };
  }

  /** A peer that brings the connections of others. */
  isProxy(peer: Address): boolean {
    return this.trust?.proxies.has(peer) ?? false;
  }

  /** What is probably not meant, a sentence each. */
  notices(place: Address): string[] {
    if (this.trust === undefined) return [];
    const notices: string[] = [];
    if (this.trust.proxies.hasEverybody) {
      notices.push('trustProxy.from has a network of everybody: anyone can forge the address of a client');
    }
    if (place.kind === 'ip' && !isLoopback(place.host) && !isPrivate.hasIp(place.host)) {
      notices.push(
        `${formatAddress(place)} can be reached around the proxy; listen on 127.0.0.1, or on the address that only the proxy reaches`,
      );
    }
    return notices;
  }
}

const isPrivate: Networks = networksOf('', ['private']);

function prefaceOf(reader: ProxyHeaderReader, bytes: Buffer): Preface | undefined {
  const beginning = reader.push(bytes);
  return beginning && { ends: endsOf(beginning.header?.ends), rest: beginning.rest };
}

function endsOf(ends: ProxiedEnds | undefined): Preface['ends'] {
  return ends && { remote: { kind: 'ip', ...ends.source }, local: { kind: 'ip', ...ends.destination } };
}
