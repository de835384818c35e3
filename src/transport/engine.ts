import type { X509Certificate } from 'node:crypto';
import type { ByteWriter } from '../bytes/byte-writer.ts';
import type { Source } from '../bytes/source.ts';
import type { Address } from './address.ts';
import type { TlsClientOptions, TlsServerOptions } from './tls-options.ts';

/** Who moves the bytes. Every engine sits the same examination (tests/transport/engine-suite.ts). */
export interface Engine {
  /**
   * Resolves when the address is bound and connections are accepted.
   *
   * @throws {SystemError} the port is taken, not permitted or not of this machine.
   */
  listen(address: Address, options: ListenOptions, sink: Sink): Promise<Listener>;
  /** The wire is there at once, and `accepted` before this returns; `opened` or `closed` follows. */
  connect(address: Address, options: ConnectOptions, sink: Sink): Wire;
}

export interface ListenOptions {
  /** Connections that may wait to be accepted; the kernel has its own cap. */
  readonly backlog?: number;
  /** An IPv6 address serves IPv6 alone. Default false. */
  readonly ipv6Only?: boolean;
  /** Connections that wait, unread, while the listener is paused; more are refused. Default 1024. */
  readonly maxWaiting?: number;
  /** Others may listen on the same address, and the kernel spreads connections over all of them. */
  readonly reusePort?: boolean;
  /** Speak TLS. A peer whose first byte is not TLS is opened too, as a wire that is not `secure`. */
  readonly tls?: TlsServerOptions;
  /** The handle of a socket that the master has bound (`bind()`), to listen on instead of binding one. */
  readonly bound?: unknown;
  /** Asked after each connection: true lets other processes that listen on the same socket have the next. */
  readonly hasEnough?: () => boolean;
  /** Read in front of everything else, TLS included; makes a reader for a connection of this peer. */
  readonly preface?: (peer: Address) => PrefaceReader;
}

/** Reads what somebody on the way has put in front of a connection. */
export interface PrefaceReader {
  /**
   * @param bytes all that has come since the last call.
   * @returns `undefined` when more are needed.
   * @throws {PeerError} the connection is not to be served: its wire `closed` with this error.
   */
  push(bytes: Buffer): Preface | undefined;
}

export interface Preface {
  /** The ends of the connection as they really are; `undefined` when they are what they seem. */
  readonly ends: { readonly remote: Address; readonly local: Address } | undefined;
  /** What came behind it. */
  readonly rest: Buffer;
}

export interface ConnectOptions {
  readonly tls?: TlsClientOptions;
  /** Our own end, where the system is not to choose it. */
  readonly local?: { readonly host: string; readonly port: number };
  /** A proxy that connects us, before anything else, TLS included. */
  readonly tunnel?: Tunnel;
}

/** The way through a proxy. */
export interface Tunnel {
  /** Where the proxy is. */
  readonly place: Address;
  /** Begins a talk with it that ends at the address wanted. */
  begin(): {
    readonly hello: Buffer;
    push(bytes: Buffer): { readonly say: Buffer } | { readonly rest: Buffer } | undefined;
  };
}

export interface Listener {
  /** Where it listens; a port of 0 has become the real one. */
  readonly address: Address;
  /** New connections wait, unread, until `resume()`. */
  pause(): void;
  resume(): void;
  /** Other certificates or ticket keys, for handshakes from here on. Only where it speaks TLS. */
  renew(tls: TlsServerOptions): void;
  /** Accepts no more. Open wires live on. */
  close(): Promise<void>;
}

/**
 * What a wire reports. After `accepted`, exactly one `closed` follows, with or without `opened`; after
 * `destroy()`, nothing but `closed`.
 */
export interface Sink {
  /** A peer has connected, or we are connecting; nothing is read or negotiated yet. */
  accepted(wire: Wire): void;
  /** Ready for bytes: connected, and TLS negotiated where there is TLS. */
  opened(wire: Wire): void;
  /** Bytes on loan: `[start, end)` of `source` is valid until this returns. */
  received(wire: Wire, source: Source, start: number, end: number): void;
  /**
   * The peer has finished sending (FIN, close_notify). The wire can still write.
   *
   * Node tells a FIN that no close_notify went before in the same way: a protocol to which a stream cut
   * short is a danger has to mark its own end (RFC 8446 §6.1).
   */
  ended(wire: Wire): void;
  /**
   * The kernel did not take everything at once: `bufferedBytes` has grown by `delta`, or has shrunk
   * by `-delta`. What leaves within its turn is not reported, except with TLS, which takes a turn itself.
   * `destroy()` and `closed` end the account: what was reported until then is gone.
   */
  buffered(wire: Wire, delta: number): void;
  /** The end: nothing is heard of this wire any more. */
  closed(wire: Wire, cause: WireCause): void;
}

/** How a wire ended, as the transport sees it. */
export interface WireCause {
  /** `finished`: both sides, in order. `destroyed`: by us. `failed`: never opened. */
  readonly how: 'finished' | 'destroyed' | 'reset' | 'failed';
  readonly error?: Error;
}

export interface Wire {
  /** Who hears of this wire: a listener's sink at first, often replaced in `opened`. */
  sink: Sink;
  /**
   * From `opened` on, append outgoing bytes here and call `commit()`; lent for the moment, never kept.
   * What is appended after `end()` or `destroy()` is dropped.
   */
  readonly out: ByteWriter;
  /** What was appended is sent at the end of this turn of the loop, together, or now if it is much. */
  commit(): void;
  /** Queues bytes that several wires share: kept by reference, so they must not change. */
  share(bytes: Buffer): void;
  /** Bytes queued or under way, not yet taken by the kernel. */
  readonly bufferedBytes: number;
  /**
   * Forgets what is queued and not under way.
   *
   * @returns whether the stream stays whole: false when half of a commit is on its way already.
   */
  discard(): boolean;
  pause(): void;
  resume(): void;
  /** Flushes, then ends our side: TLS close_notify, FIN. */
  end(): void;
  /** Ends both sides now; what is queued is lost. */
  destroy(): void;
  readonly secure: boolean;
  /** What TLS knows of the other side; `undefined` without TLS. */
  readonly tls?: TlsFacts | undefined;
  readonly remote: Address;
  readonly local: Address;
}

/** What a TLS handshake has found out. */
export interface TlsFacts {
  /** `TLSv1.3`. */
  readonly version: string;
  /** A session was resumed, without a signature. */
  readonly resumed: boolean;
  /** The certificate of the other side, where it has shown one. */
  readonly certificate: X509Certificate | undefined;
}
