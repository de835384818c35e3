const UNITS: Readonly<Record<string, number>> = {
  ms: 0.001,
  '': 1,
  s: 1,
  m: 60,
  h: 3_600,
  d: 86_400,
  w: 604_800,
  M: 2_592_000,
  y: 31_536_000,
};

/** Our own ping interval, the default: a shorter silence must not be cut. */
export const PING_SECONDS = 25;

/** @returns seconds of nginx's `1h30m`, `75s`, `500ms`, `60`; `undefined` when it is none. */
export function nginxSeconds(text: string): number | undefined {
  if (!/^(?:\d{1,9}(?:ms|[smhdwMy])?\s*){1,8}$/.test(text) || text.length > 40) return undefined;
  let sum = 0;
  for (const [, count, unit] of text.matchAll(/(\d+)(ms|[smhdwMy])?/g)) {
    sum += Number(count) * (UNITS[unit ?? ''] ?? 1);
  }
  return sum;
}

/** @returns seconds of Apache's `60`, `500ms`, `5min`, `1h`; `undefined` when it is none. */
export function apacheSeconds(text: string): number | undefined {
  const found = /^(\d{1,9})(ms|s|mi|min|m|h)?$/i.exec(text);
  if (!found) return undefined;
  const unit = (found[2] ?? '').toLowerCase();
  return Number(found[1]) * (unit.startsWith('mi') ? 60 : (UNITS[unit] ?? 1));
}
