import { createRequire } from 'node:module';
import { UsageError } from '../errors.ts';
import { nearest } from '../nearest.ts';

/** When something is due, by an expression of cron. */
export interface Calendar {
  /** @param moment milliseconds since 1970. @returns the first that is later, or `undefined` when none is. */
  after(moment: number): number | undefined;
}

/**
 * Reads five fields (minute, hour, day, month, weekday), six with seconds in front, seven with the year behind, a
 * nickname such as `@daily`, or one moment in ISO 8601.
 *
 * @param timezone of the IANA list; that of this machine without one.
 * @throws {UsageError} it cannot be read, or there is no such timezone.
 */
export function readCalendar(expression: string, timezone: string | undefined): Calendar {
  if (timezone !== undefined) proveTimezone(timezone);
  const { Cron } = loadCroner();
  try {
    const cron = new Cron(expression, { paused: true, ...(timezone === undefined ? {} : { timezone }) });
    return { after: (moment) => cron.nextRun(new Date(moment))?.getTime() };
  } catch (error) {
    const why = (error as Error).message.replace(/^Cron\w*: /, '');
    throw new UsageError(
      'E_CRON',
      `cron cannot read ${JSON.stringify(expression)}: ${why.replace(/\.$/, '')}; write five or six fields, as in "0 3 * * *" (at 3:00) or "*/5 * * * * *" (every 5 seconds)`,
      { cause: error },
    );
  }
}

/** By those who use it alone. */
function loadCroner(): typeof import('croner') {
  return createRequire(import.meta.url)('croner') as typeof import('croner');
}

function proveTimezone(timezone: string): void {
  try {
    new Intl.DateTimeFormat('en', { timeZone: timezone });
  } catch {
    const meant = nearest(timezone, Intl.supportedValuesOf('timeZone'));
    const hint = meant ? `did you mean ${meant}?` : 'write one such as Europe/Istanbul';
    throw new UsageError('E_CRON', `there is no timezone ${JSON.stringify(timezone)}; ${hint}`);
  }
}
