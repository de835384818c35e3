import process from 'node:process';

/**
 * Why the processes of a worker could not become its user and group, in one line. Becomes them for a moment,
 * where that is allowed: nothing else knows all places where a system keeps its users.
 */
export function identityFault({
  user,
  group,
}: {
  readonly user?: string;
  readonly group?: string;
}): string | undefined {
  if (user === undefined && group === undefined) return undefined;
  if (process.getuid?.() !== 0) {
    return 'user and group need root: start the service as root, or leave them out';
  }
  if (
    group !== undefined &&
    !isThere(
      () => process.setegid?.(group),
      () => process.setegid?.(0),
    )
  ) {
    return `there is no group ${group}`;
  }
  if (
    user !== undefined &&
    !isThere(
      () => process.seteuid?.(user),
      () => process.seteuid?.(0),
    )
  ) {
    return `there is no user ${user}`;
  }
  return undefined;
}

function isThere(become: () => void, goBack: () => void): boolean {
  try {
    become();
    goBack();
    return true;
  } catch {
    return false;
  }
}
