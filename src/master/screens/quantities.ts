const UNITS = ['B', 'KB', 'MB', 'GB', 'TB'];

/** A size as people read it: `226B`, `1.2KB`, `12.5MB`, `512MB`. @param bytes a KB is 1,024 of them. */
export function formatBytes(bytes: number): string {
  let amount = bytes;
  let unit = 0;
  while (rounded(amount) >= 1024 && unit < UNITS.length - 1) {
    amount /= 1024;
    unit++;
  }
  return `${unit === 0 ? Math.round(amount) : rounded(amount)}${UNITS[unit]}`;
}

/** @param seconds a short while: `0.4ms`, `12ms`, `1.3s`. */
export function formatLag(seconds: number): string {
  const milliseconds = seconds * 1000;
  return milliseconds < 999.5 ? `${rounded(milliseconds, 10)}ms` : `${rounded(seconds)}s`;
}

/** @param seconds since a start: `2 days 4 hours`, below a day `4 hours 12 minutes`, below an hour `12 minutes 3 seconds`. */
export function formatUptime(seconds: number): string {
  const total = Math.max(0, Math.floor(seconds));
  const [days, hours] = [Math.floor(total / 86_400), Math.floor(total / 3600) % 24];
  const [minutes, rest] = [Math.floor(total / 60) % 60, total % 60];
  if (days > 0) return `${counted(days, 'day')} ${counted(hours, 'hour')}`;
  if (hours > 0) return `${counted(hours, 'hour')} ${counted(minutes, 'minute')}`;
  return `${counted(minutes, 'minute')} ${counted(rest, 'second')}`;
}

/** @param perSecond `0.4`, `7.5`, `1200`. */
export function formatRate(perSecond: number): string {
  return String(rounded(perSecond, 10));
}

/** `1 process`, `4 processes`. */
export function counted(count: number, one: string, many: string = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}

/** One decimal below `whole`, none from there on. */
function rounded(amount: number, whole: number = 100): number {
  return amount < whole ? Math.round(amount * 10) / 10 : Math.round(amount);
}
