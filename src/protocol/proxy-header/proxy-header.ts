/** What a PROXY header says. */
export interface ProxyHeader {
  /** Both ends of the connection as the proxy saw it; `undefined` when it speaks for itself. */
  readonly ends: ProxiedEnds | undefined;
  /** Bytes that the header takes. */
  readonly length: number;
}

/** The two ends of a connection that somebody else has accepted; ports from 0 to 65535. */
export interface ProxiedEnds {
  readonly source: { readonly host: string; readonly port: number };
  readonly destination: { readonly host: string; readonly port: number };
}
