import process from 'node:process';

/** What a process that runs a person's script is to become in `Worker.runAll()`. */
export type Role =
  /** The master of the service. */
  | 'master'
  /** Whoever starts the master in the background, and leaves when it stands. */
  | 'daemon'
  /** Whoever verifies what a start would need, and starts nothing. */
  | 'check';

const VARIABLE = 'USTA_ROLE';

/** Between two copies of this package in one process, the command's and the script's, only names are common. */
const TAKEN = 'usta:role-taken';

export function roleToEnvironment(role: Role): Record<string, string> {
  return { [VARIABLE]: role };
}

/**
 * What this process was started to become, told once: what it starts itself does not inherit it.
 *
 * @returns `undefined` when nobody has said so, as under `node server.js`.
 */
export function takeRole(): Role | undefined {
  process.emit(TAKEN as never);
  const role = roleFromEnvironment();
  delete process.env[VARIABLE];
  return role;
}

export function roleFromEnvironment(): Role | undefined {
  const role = process.env[VARIABLE];
  return role === 'master' || role === 'daemon' || role === 'check' ? role : undefined;
}

/** Calls back when the script calls `Worker.runAll()`. @returns how to call it off. */
export function whenRoleIsTaken(callback: () => void): () => void {
  process.once(TAKEN as never, callback as never);
  return () => process.off(TAKEN as never, callback as never);
}
