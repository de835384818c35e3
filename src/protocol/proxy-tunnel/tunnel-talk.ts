import { PeerError } from '../../errors.ts';

/** One talk with a proxy, up to the point where the server answers in its place. */
export interface TunnelTalk {
  /** What is said first. */
  readonly hello: Buffer;
  /**
   * @param bytes all that has come since the last call.
   * @returns what to say next, or the bytes behind the talk; `undefined` when more are needed.
   * @throws {PeerError} the proxy refuses, or speaks something else.
   */
  push(bytes: Buffer): { readonly say: Buffer } | { readonly rest: Buffer } | undefined;
}

export interface TunnelTarget {
  readonly host: string;
  readonly port: number;
}

export interface Credentials {
  readonly user: string;
  readonly password: string;
}

/** The proxy does not connect us. */
export class ProxyRefusal extends PeerError {
  override readonly code = 'E_PROXY';
}
