/** How a process has ended: `exit status 1`, `signal SIGKILL`. */
export function endInWords({
  code,
  signal,
}: {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}): string {
  return signal === null ? `exit status ${code}` : `signal ${signal}`;
}
