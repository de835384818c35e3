const MINUTE = 60_000;
const HOUR = 3_600_000;
const DAY = 86_400_000;

/** Both ends in milliseconds since 1970. */
export interface Window {
  readonly start: number;
  readonly end: number;
}

export interface Renewable {
  /** Milliseconds since 1970, as all times here. */
  readonly notBefore: number;
  readonly notAfter: number;
  /** What the authority suggests (RFC 9773). */
  readonly suggestedWindow?: Window | undefined;
  readonly now: number;
  /** From 0 (inclusive) to 1 (exclusive). */
  readonly random: number;
}

/**
 * When to renew: at a random moment of the window that the authority suggests, else when a third of the life is
 * left, up to a sixtieth later, so that many servers do not come at once. A suggestion never reaches into
 * the last tenth of the life.
 *
 * @returns milliseconds since 1970; never before `now`.
 * @see RFC 9773 §4.2
 */
export function whenToRenew({ notBefore, notAfter, suggestedWindow, now, random }: Renewable): number {
  const life = notAfter - notBefore;
  const chosen = suggestedWindow
    ? Math.min(
        suggestedWindow.start + random * (suggestedWindow.end - suggestedWindow.start),
        notAfter - life / 10,
      )
    : notAfter - life / 3 + (random * life) / 60;
  return Math.max(now, chosen);
}

export interface Failed {
  /** In a row, this one counted: from 1. */
  readonly failures: number;
  /** Whether it passes by itself: a broken line, an authority under load. */
  readonly passing: boolean;
  /** The authority asked to stay away for so long. */
  readonly retryAfterMs: number | undefined;
  /** From 0 to 1. */
  readonly random: number;
}

/**
 * How long to wait before the next try: from 30 s for what passes by itself, from 10 minutes for what a person has to
 * mend (authorities allow few failed proofs per hour), twice as long each time, up to 6 hours; and never
 * shorter than the authority asked for.
 *
 * @returns milliseconds.
 */
export function retryDelay({ failures, passing, retryAfterMs = 0, random }: Failed): number {
  const first = passing ? MINUTE / 2 : 10 * MINUTE;
  const grown = Math.min(6 * HOUR, first * 2 ** Math.min(failures - 1, 20));
  return Math.max(grown * (0.8 + 0.4 * random), retryAfterMs * (1 + 0.05 * random));
}

/**
 * When to ask again for the suggested window.
 *
 * @param retryAfterMs what the authority said; 6 hours when it said nothing.
 * @returns milliseconds, from a minute to a day.
 * @see RFC 9773 §4.3.2
 */
export function pollDelay(retryAfterMs: number | undefined): number {
  return Math.min(DAY, Math.max(MINUTE, retryAfterMs ?? 6 * HOUR));
}

export interface Condition {
  /** In a row. */
  readonly failures: number;
  readonly now: number;
  /** Of the certificate in use; `undefined` when there is none. */
  readonly life?: { readonly notBefore: number; readonly notAfter: number } | undefined;
  /** Default: a sixth of the life, at most 14. */
  readonly alarmDays: number | undefined;
}

/** @returns why somebody should be woken, `undefined` when nobody need be. */
export function alarmReason({ failures, now, life, alarmDays }: Condition): string | undefined {
  if (life) {
    const left = life.notAfter - now;
    const least = (alarmDays ?? Math.min(14, (life.notAfter - life.notBefore) / DAY / 6)) * DAY;
    if (left <= 0) return `the certificate ended on ${day(life.notAfter)}`;
    if (left < least) return `the certificate ends on ${day(life.notAfter)}, in ${span(left)}`;
  }
  return failures >= (life ? 5 : 2) ? `${failures} tries in a row failed` : undefined;
}

/** @returns a length of time for people, rounded down. */
export function span(milliseconds: number): string {
  const units: readonly [number, string][] = [
    [DAY, 'day'],
    [HOUR, 'hour'],
    [MINUTE, 'minute'],
    [1000, 'second'],
  ];
  for (const [length, unit] of units) {
    const count = Math.floor(milliseconds / length);
    if (count >= 2 || (count >= 1 && unit !== 'second')) return `${count} ${unit}${count === 1 ? '' : 's'}`;
  }
  return 'a moment';
}

function day(time: number): string {
  return new Date(time).toISOString().slice(0, 10);
}
