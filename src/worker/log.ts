import process from 'node:process';
import { subscribe } from '../telemetry.ts';

/** The one place that prints: one line per event, with the time and the process. */
export function log(line: string): void {
  process.stderr.write(`${new Date().toISOString()} pid:${process.pid} ${line}\n`);
}

/** At most this many lines of one kind in a second; the rest are counted. */
const RATE = 10;

/** Prints what the house says about itself. */
export function logTelemetry(): void {
  const failed = limited();
  subscribe('usta:tls:failed', ({ remote, cause, reason }) => {
    if (cause !== 'hung-up') failed(`TLS with ${remote} failed: ${reason}`);
  });
  const refused = limited();
  subscribe('usta:upgrade:refused', ({ remote, status, reason }) =>
    refused(`${remote} was refused with ${status}: ${reason}`),
  );
  const broken = limited();
  subscribe('usta:connection:failed', ({ remote, code, reason }) =>
    broken(`${remote} was closed with ${code}: ${reason}`),
  );
  const thrown = limited();
  subscribe('usta:handler:failed', ({ callback, error }) => {
    thrown(`${callback} failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  });
  subscribe('usta:certificate:kept', ({ reason }) => log(`the certificate in use is kept: ${reason}`));
  subscribe('usta:certificate:renewed', ({ daysLeft }) =>
    log(`the certificate was renewed: ${daysLeft} days left`),
  );
  subscribe('usta:acme', ({ state, domains, text }) => log(`certificate for ${domains}: ${state}: ${text}`));
  const told = new Set<string>();
  subscribe('usta:notice', ({ text }) => {
    if (!told.has(text)) log(text);
    told.add(text);
  });
}

function limited(): (line: string) => void {
  let second = 0;
  let count = 0;
  return (line) => {
    const current = Math.floor(Date.now() / 1000);
    if (current !== second) {
      if (count > RATE) log(`${count - RATE} more of that kind`);
      second = current;
      count = 0;
    }
    if (++count <= RATE) log(line);
  };
}
