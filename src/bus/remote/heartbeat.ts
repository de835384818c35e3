import { readJson } from '../json.ts';
import { isMember, type Member } from '../member.ts';
import type { Told } from './sequences.ts';

/** What every member tells the others, again and again. */
export interface Heartbeat {
  readonly member: Member;
  /** It is new, or was away: it wants to hear from everybody. */
  readonly isNew?: boolean;
  readonly leaves?: boolean;
  /** The last number on each subject that was used of late. */
  readonly numbers: Told;
}

/** @returns undefined for what is none: the other side may be of another version. */
export function readHeartbeat(frame: Buffer): Heartbeat | undefined {
  const heartbeat = readJson(frame) as Partial<Heartbeat> | null | undefined;
  const { member, numbers } = heartbeat ?? {};
  return isMember(member) && isTold(numbers) ? (heartbeat as Heartbeat) : undefined;
}

function isTold(numbers: unknown): numbers is Told {
  if (typeof numbers !== 'object' || numbers === null) return false;
  return Object.values(numbers).every(
    (entry) => Array.isArray(entry) && entry.length === 3 && entry.every(Number.isFinite),
  );
}
