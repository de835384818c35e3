import { UsageError } from '../../errors.ts';
import type { ReconnectOptions } from './options.ts';

/** How long to wait before the next attempt. */
export class Backoff {
  readonly #rule: Required<ReconnectOptions> | undefined;

  /** @throws {UsageError} a number is out of its range. */
  constructor(given: boolean | ReconnectOptions | undefined) {
    if (given === undefined || given === false) return;
    const wishes = given === true ? {} : given;
    const rule = { delay: 1, maxDelay: 30, jitter: 0.5, limit: Number.POSITIVE_INFINITY, ...wishes };
    prove('delay', rule.delay, rule.delay >= 0);
    prove('maxDelay', rule.maxDelay, rule.maxDelay > 0);
    prove('jitter', rule.jitter, rule.jitter >= 0 && rule.jitter <= 1);
    prove('limit', rule.limit, rule.limit >= 0);
    this.#rule = rule;
  }

  /**
   * @param failures in a row; 0 when an open connection was lost.
   * @param chance 0 to below 1.
   * @returns seconds, or `undefined` when there is no next attempt.
   */
  delay(failures: number, chance: number = Math.random()): number | undefined {
    if (this.#rule === undefined || failures >= this.#rule.limit) return undefined;
    const { delay, maxDelay, jitter } = this.#rule;
    const longest = Math.min(maxDelay, delay * 2 ** Math.min(failures, 32));
    return longest * (1 - jitter * chance);
  }
}

function prove(name: string, value: unknown, fits: boolean): void {
  if (fits) return;
  throw new UsageError('E_RECONNECT', `reconnect.${name} cannot be ${String(value)}`);
}
