import { randomFillSync } from 'node:crypto';

const pool = new Int32Array(1024);
let next = pool.length;

/**
 * A fresh, unpredictable masking key.
 *
 * @see RFC 6455 §10.3 — Attacks On Infrastructure (Masking)
 */
export function randomMaskingKey(): number {
  if (next === pool.length) {
    randomFillSync(pool);
    next = 0;
  }
  return pool[next++] ?? 0;
}
