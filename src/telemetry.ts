import { channel } from 'node:diagnostics_channel';

/**
 * What the house says about itself. Low floors publish here and never print; `worker/log.ts`
 * subscribes and prints, metrics count. Publishing with nobody listening costs one check.
 *
 * Fields are plain data; times are seconds, sizes bytes.
 */
export interface Telemetry {
  /** A TLS handshake that did not succeed. */
  'usta:tls:failed': { readonly remote: string; readonly local: string; readonly reason: string };
  /** An upgrade request that was refused, with the status that was answered. */
  'usta:upgrade:refused': { readonly remote: string; readonly status: number; readonly reason: string };
  /** A connection closed because of a limit or a broken rule. */
  'usta:connection:failed': { readonly remote: string; readonly code: number; readonly reason: string };
  /** A user's callback threw or rejected. */
  'usta:handler:failed': { readonly callback: string; readonly error: unknown };
  /** Something to tell once: a setting that does not do what it seems to. */
  'usta:notice': { readonly text: string };
}

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
