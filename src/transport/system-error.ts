/** An error as the system would report it, for what we find out before it does. */
export function systemError(action: string, code: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`${action} ${code}`), { code, syscall: action });
}
