const MONTHS: readonly string[] = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ');

const FIXDATE = /^[A-Z][a-z]{2}, (?<day>\d{2}) (?<month>[A-Z][a-z]{2}) (?<year>\d{4}) (?<time>[\d:]{8}) GMT$/;
const RFC850 = /^[A-Z][a-z]+day, (?<day>\d{2})-(?<month>[A-Z][a-z]{2})-(?<year>\d{2}) (?<time>[\d:]{8}) GMT$/;
const ASCTIME = /^[A-Z][a-z]{2} (?<month>[A-Z][a-z]{2}) (?<day>[ \d]\d) (?<time>[\d:]{8}) (?<year>\d{4})$/;
const TIME = /^([01]\d|2[0-3]):([0-5]\d):([0-5]\d|60)$/;

/** Two digits of a year belong to this century below the first of them, to the one before from there on. */
const CENTURY = 70;

/**
 * Reads a date in any of the three forms of HTTP.
 *
 * @returns seconds since 1970, or `undefined` when it is none: a field with such a value is ignored.
 * @see RFC 9110 §5.6.7 — Date/Time Formats
 */
export function readHttpDate(text: string): number | undefined {
  const { groups } = FIXDATE.exec(text) ?? RFC850.exec(text) ?? ASCTIME.exec(text) ?? {};
  if (!groups) return undefined;
  const { day = '', month = '', year = '', time = '' } = groups;
  const clock = TIME.exec(time);
  const number = MONTHS.indexOf(month);
  if (!clock || number < 0 || Number(day) < 1 || Number(day) > 31) return undefined;
  const [, hours, minutes, seconds] = clock.map(Number);
  return Date.UTC(fullYear(year), number, Number(day), hours, minutes, seconds) / 1000;
}

function fullYear(year: string): number {
  if (year.length === 4) return Number(year);
  return Number(year) + (Number(year) < CENTURY ? 2000 : 1900);
}
