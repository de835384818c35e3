import { type Ending, isToldToMany } from './close-cause.ts';

/** All in seconds. */
export interface DelayRule {
  readonly minDelay: number;
  readonly maxDelay: number;
  readonly spread: number;
}

/**
 * Seconds before the next attempt: evenly at random below a bound, so that clients who lost their connection
 * together do not come back together. The bound doubles with each failure.
 *
 * @param chance 0 to below 1.
 */
export function delayAfter(ending: Ending, rule: DelayRule, chance: number): number {
  const bound = Math.min(rule.maxDelay, rule.minDelay * 2 ** Math.min(Math.max(ending.failures - 1, 0), 32));
  return chance * (isToldToMany(ending) ? Math.max(rule.spread, bound) : bound);
}
