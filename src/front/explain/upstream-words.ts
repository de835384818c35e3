import { brief } from './directive.ts';
import type { SharedRule } from './explanation.ts';
import { PING_SECONDS } from './seconds.ts';

/** What is said of the worker's side in the same words for every proxy. */
export const READ_TIMEOUT_DEFAULT: SharedRule = {
  code: 'read-timeout-default',
  severity: 'warning',
  cause:
    'A WebSocket on which nothing moves for 60 seconds is cut (the client sees 1006). That is fine when the server ' +
    `pings in time, as usta does every ${PING_SECONDS} s; a silent server is cut each minute.`,
};

export const READ_TIMEOUT_SHORT: SharedRule = {
  code: 'read-timeout-short',
  severity: 'fault',
  cause: `Silence is cut before the server's next ping (usta: every ${PING_SECONDS} s): idle WebSockets end with 1006.`,
};

export const TLS_TWICE: SharedRule = {
  code: 'tls-twice',
  severity: 'warning',
  cause:
    'The way to a worker on this machine is encrypted again: a worker that speaks plain ws makes it 502, one that ' +
    'speaks TLS works, at twice the cost.',
};

export const HTTP_TO_TLS_PORT: SharedRule = {
  code: 'http-to-tls-port',
  severity: 'fault',
  cause:
    'Plain HTTP is sent to port 443, which speaks TLS: the answer is 400 or 502. TLS belongs on one of the two.',
};

export const UPSTREAM_UNVERIFIED: SharedRule = {
  code: 'upstream-unverified',
  severity: 'warning',
  cause:
    'The certificate of the worker on another machine is not checked: who sits between can pose as the worker.',
};

export const UPSTREAM_ANY: SharedRule = {
  code: 'upstream-any',
  severity: 'warning',
  cause:
    '0.0.0.0 means "every address of mine" to who listens; as a destination it works on Linux by accident, and hints ' +
    'that the worker listens for everybody, past this proxy.',
};

export const UPSTREAM_LOCALHOST: SharedRule = {
  code: 'upstream-localhost',
  severity: 'warning',
  cause:
    'localhost may be ::1 as well as 127.0.0.1: a worker that listens on one of them is tried on the other too, ' +
    'which is refused (an error in the log, and a 502 or 503 at bad moments).',
};

export const UPSTREAM_PUBLIC: SharedRule = {
  code: 'upstream-public',
  severity: 'fault',
  cause: 'Plain HTTP goes to a public address: everybody on the way can read and change the messages.',
};

export const STICKY_MISSING: SharedRule = {
  code: 'sticky-missing',
  severity: 'fault',
  cause:
    'Socket.IO and its like begin with several plain requests that must reach the same worker: with several workers ' +
    'and no stickiness they fail with 400 (Session ID unknown).',
};

export const ERROR_INTERCEPTED: SharedRule = {
  code: 'error-page-intercept',
  severity: 'warning',
  cause: 'The proxy hides why the worker refuses a handshake (400, 401, 403, 426) behind a page of its own.',
};

/** The sentence of `read-timeout-short` for one value. */
export function tooShort(name: string, seconds: number): string {
  const zero = seconds === 0 ? ' (0 does not mean for ever)' : '';
  return (
    `${brief(name)} cuts silence after ${seconds} s${zero}, before the server's next ping ` +
    `(usta: every ${PING_SECONDS} s): idle WebSockets end with 1006.`
  );
}
