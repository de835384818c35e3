import { channel } from 'node:diagnostics_channel';

/**
 * What the house says about itself. Low floors publish here and never print; `worker/log.ts`
 * subscribes and prints, metrics count. Publishing with nobody listening costs one check.
 *
 * Fields are plain data; times are seconds, sizes bytes.
 */
export interface Telemetry {
  /** A TLS handshake that succeeded. */
  'usta:tls:opened': { readonly version: string; readonly resumed: boolean };
  /** A TLS handshake that did not, with its cause in a word and in a sentence. */
  'usta:tls:failed': {
    readonly remote: string;
    readonly local: string;
    readonly cause: TlsFailure;
    readonly reason: string;
  };
  /** The files of a certificate have changed and could not be used: the one before serves on. */
  'usta:certificate:kept': { readonly reason: string };
  /** New handshakes get another certificate. */
  'usta:certificate:renewed': { readonly daysLeft: number };
  /** Certificates that come from an authority: what has happened, in a word and in a sentence. */
  'usta:acme': {
    /**
     * `issued`: a new one is in service. `failed`: a try failed, another follows. `alarm`: somebody must look.
     * `waiting`: another process renews. `unusable`: what was stored cannot be served.
     */
    readonly state: 'issued' | 'failed' | 'alarm' | 'waiting' | 'unusable';
    /** Joined by commas. */
    readonly domains: string;
    readonly text: string;
    /** Failed tries in a row. */
    readonly failures: number;
    /** Until the certificate in service ends; `undefined` when there is none. */
    readonly secondsLeft: number | undefined;
  };
  /** An upgrade request that was refused, with the status that was answered. */
  'usta:upgrade:refused': { readonly remote: string; readonly status: number; readonly reason: string };
  /** A connection closed because of a limit or a broken rule. */
  'usta:connection:failed': { readonly remote: string; readonly code: number; readonly reason: string };
  /** A user's callback threw or rejected; with the id of the connection it was called for, where there is one. */
  'usta:handler:failed': {
    readonly callback: string;
    readonly error: unknown;
    readonly connection?: number;
  };
  /**
   * Messages between processes. `gap`: they did not arrive. `slow`: a process does not read. `cut`: the bus is not
   * connected. `unhandled`: events of clients that a business process had not handled when it was lost.
   */
  'usta:bus:lost': { readonly count: number; readonly loss: 'gap' | 'slow' | 'cut' | 'unhandled' };
  /** The connection to NATS or Redis was lost, or is there again. */
  'usta:bus:connection': { readonly isConnected: boolean; readonly reason: string };
  /** Something on the bus that was not written with our secret. */
  'usta:bus:forged': { readonly subject: string };
  /** Something to tell once: a setting that does not do what it seems to. */
  'usta:notice': { readonly text: string };
}

/** Why a handshake failed, in a word: for counting, and for whoever reads the log. */
export type TlsFailure =
  /** The client does not accept our certificate. */
  | 'untrusted'
  /** So, and it asked for a name that no certificate of ours is for. */
  | 'name'
  /** No version of TLS that both speak. */
  | 'version'
  /** No suite, group or signature that both have. */
  | 'suite'
  /** No protocol within TLS that both speak (ALPN). */
  | 'protocol'
  /** The client's own certificate is missing or not accepted. */
  | 'client-certificate'
  /** Not TLS: plain HTTP. */
  | 'plain-text'
  /** Not TLS, or broken. */
  | 'garbage'
  | 'timed-out'
  /** It gave way to others: too many at a time. */
  | 'crowded'
  /** The client left in the middle. */
  | 'hung-up';

export type TelemetryName = keyof Telemetry;

export function publish<Name extends TelemetryName>(name: Name, event: Telemetry[Name]): void {
  const target = channel(name);
  if (target.hasSubscribers) target.publish(event);
}

/** @returns a function that ends the subscription. */
export function subscribe<Name extends TelemetryName>(
  name: Name,
  listener: (event: Telemetry[Name]) => void,
): () => void {
  const target = channel(name);
  const receive = (event: unknown): void => listener(event as Telemetry[Name]);
  target.subscribe(receive);
  return () => target.unsubscribe(receive);
}
