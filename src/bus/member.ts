import { randomBytes } from 'node:crypto';

/** A process that takes part in a cluster. Plain data: it travels to the others. */
export interface Member {
  /** 16 letters, the first 8 of its machine: new with every start, and never used again. */
  readonly id: string;
  readonly pid: number;
  /** Of the worker that it serves. */
  readonly name: string;
  /** What it is there for: `gateway`, `business`, … */
  readonly roles: readonly string[];
}

const HALF = 8;

/** @param machine 8 letters. */
export function newMemberId(machine: string): string {
  return machine + randomBytes(6).toString('base64url');
}

/** Members with the same one are connected to each other without anybody between them. */
export function machineOf(id: string): string {
  return id.slice(0, HALF);
}

export function isMember(value: unknown): value is Member {
  const { id, pid, name, roles } = (value ?? {}) as Partial<Member>;
  return (
    typeof id === 'string' &&
    /^[\w-]{16}$/.test(id) &&
    typeof pid === 'number' &&
    typeof name === 'string' &&
    Array.isArray(roles) &&
    roles.every((role) => typeof role === 'string')
  );
}
