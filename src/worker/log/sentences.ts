import type { Telemetry, TelemetryName } from '../../telemetry.ts';
import type { LogDetails } from './entry.ts';

/** An event as the log tells it. */
export interface Sentence extends LogDetails {
  readonly text: string;
  /** What it is limited with: at most so many lines of a kind in a second. */
  readonly kind?: string;
  /** The same text is not told again. */
  readonly once?: boolean;
}

/** What is logged: not what happens with every connection. */
export type Told = Exclude<TelemetryName, 'usta:tls:opened'>;

/** What the log says of each event. Whatever a peer or a user has sent is among it as it came. */
export const SENTENCES: { readonly [Name in Told]: (event: Telemetry[Name]) => Sentence } = {
  'usta:tls:failed': ({ remote, local, cause, reason }) => ({
    text: `TLS with ${remote} failed: ${reason}`,
    level: cause === 'hung-up' ? 'debug' : 'warn',
    kind: cause,
    fields: { remote, local, cause, reason },
  }),
  'usta:upgrade:refused': ({ remote, status, reason }) => ({
    text: `${remote} was refused with ${status}: ${reason}`,
    level: 'warn',
    fields: { remote, status, reason },
  }),
  'usta:connection:failed': ({ remote, code, reason }) => ({
    text: `${remote} was closed with ${code}: ${reason}`,
    level: 'warn',
    fields: { remote, code, reason },
  }),
  'usta:handler:failed': ({ callback, error }) => ({
    text: `${callback} failed`,
    level: 'error',
    kind: callback,
    fields: { callback },
    error,
  }),
  'usta:certificate:kept': ({ reason }) => ({
    text: `the certificate in use is kept: ${reason}`,
    level: 'error',
    fields: { reason },
  }),
  'usta:certificate:renewed': ({ daysLeft }) => ({
    text: `the certificate was renewed: ${daysLeft} days left`,
    fields: { daysLeft },
  }),
  'usta:acme': ({ state, domains, text, failures, secondsLeft }) => ({
    text: `certificate for ${domains}: ${state}: ${text}`,
    level: ACME_LEVELS[state],
    fields: { state, domains, failures, secondsLeft },
  }),
  'usta:bus:lost': ({ count, loss }) => ({
    text: `${count} ${count === 1 ? 'message' : 'messages'} between processes lost: ${LOSSES[loss]}`,
    level: 'warn',
    kind: loss,
    fields: { count, loss },
  }),
  'usta:bus:connection': ({ isConnected, reason }) => ({
    text: isConnected ? 'the bus is connected again' : `the bus is not connected: ${reason}`,
    level: isConnected ? 'info' : 'error',
    fields: { isConnected, reason },
  }),
  'usta:bus:forged': ({ subject }) => ({
    text: `a message on the bus was not written with our secretKey, and is not heard (${subject})`,
    level: 'warn',
    fields: { subject },
  }),
  'usta:notice': ({ text }) => ({ text, level: 'warn', once: true }),
};

const LOSSES = {
  gap: 'they did not arrive',
  slow: 'a process does not read',
  cut: 'the bus is not connected',
  unhandled: 'the business process that had them is gone',
} as const;

const ACME_LEVELS = {
  issued: 'info',
  waiting: 'info',
  failed: 'warn',
  alarm: 'error',
  unusable: 'error',
} as const;
