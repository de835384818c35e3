import type { Codec } from './codec.ts';

/** What is spoken over a stream of bytes, or over datagrams: makes a codec for each connection. */
export interface Protocol<In, Out> {
  /** How `status` and `connections` call it; a registered protocol is called by its scheme. */
  readonly name?: string;
  /** A codec keeps what comes within `limits` by itself. */
  makeCodec(limits: PackageLimits): Codec<In, Out>;
}

export interface PackageLimits {
  /** Largest package, with whatever belongs to it (a length in front, a line end), in bytes. */
  readonly maxPackageSize: number;
}

/** A protocol, whatever its messages are. */
export type AnyProtocol = Protocol<unknown, never>;
