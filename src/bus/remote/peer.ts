import { now } from '../../timer.ts';
import type { Member } from '../member.ts';
import { ReceivedNumbers } from './sequences.ts';

/** A member of another machine. */
export class Peer {
  member: Member;
  /** Since when it is known. */
  readonly metAt: number = now();
  heardAt: number = now();
  isAskedFor = false;
  readonly numbers: ReceivedNumbers = new ReceivedNumbers();
  #lastCopy = 0;

  constructor(member: Member) {
    this.member = member;
  }

  /** Copies of one frame come one after the other: of several only the first is taken. */
  isFirst(copyOf: number): boolean {
    if (copyOf === 0) return true;
    const isFirst = copyOf !== this.#lastCopy;
    this.#lastCopy = copyOf;
    return isFirst;
  }

  /** @returns whether it is there for something else than before. */
  becomes(member: Member): boolean {
    const { name, roles } = this.member;
    this.member = member;
    return name !== member.name || roles.join('\n') !== member.roles.join('\n');
  }
}
