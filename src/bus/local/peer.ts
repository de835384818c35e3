import { jsonOf, readJson } from '../json.ts';
import type { Member } from '../member.ts';
import type { Link } from './link.ts';
import { addressed, LinkFrame, readTopics } from './link-frames.ts';

const NOTHING = new Uint8Array(0);

/** What is told about ourselves, as it is now. */
export interface Own {
  readonly member: Member;
  readonly topics: ReadonlySet<string>;
}

/** Another process of this machine, as it is known here. */
export class Peer {
  readonly id: string;
  /** We speak on it. */
  out: Link | undefined;
  /** It speaks on it. */
  in: Link | undefined;
  /** Who it is, once it has said so. */
  member: Member | undefined;
  /** Both could speak to each other: the others of this process have been told that it is there. */
  hasMet = false;
  /** Dials in a row that have failed. */
  failures = 0;
  /** Settled when both can speak, or it is gone. */
  readonly met: Promise<void>;
  meet: () => void = () => {};
  readonly #own: Own;
  /** It wants to know what we are subscribed to. */
  #followsUs = false;
  #followed = false;
  /** Something about ourselves could not be told: all of it is told again when there is room. */
  #isBehind = false;
  /** What it is subscribed to, once it has told. */
  #topics: Set<string> | undefined;

  constructor(id: string, own: Own) {
    this.id = id;
    this.#own = own;
    this.met = new Promise((resolve) => {
      this.meet = resolve;
    });
  }

  greet(): void {
    this.#tell(LinkFrame.hello, jsonOf(this.#own.member));
  }

  /** Tells what could not be told, if there is room again. */
  catchUp(): void {
    if (!this.#isBehind || !this.out?.hasRoom) return;
    this.#isBehind = false;
    this.greet();
    if (this.#followsUs) this.#tellTopics();
  }

  tellChange(kind: number, topic: string): void {
    if (this.#followsUs) this.#tell(kind, jsonOf(topic));
  }

  /** It says something about subscriptions: its own, or its interest in ours. */
  hear(kind: number, payload: Buffer): void {
    if (kind === LinkFrame.follow) {
      this.#followsUs = true;
      this.#tellTopics();
    } else if (kind === LinkFrame.topics) {
      this.#topics = new Set(readTopics(payload));
    } else if (kind === LinkFrame.subscribed) {
      this.#topics?.add(String(readJson(payload)));
    } else if (kind === LinkFrame.unsubscribed) {
      this.#topics?.delete(String(readJson(payload)));
    }
  }

  /** @returns false when it does not read. */
  send(frame: Buffer): boolean {
    this.catchUp();
    return this.out?.send(LinkFrame.message, frame) ?? false;
  }

  /**
   * To it, if it is subscribed to one of them: as long as that is not known here, it finds out itself.
   *
   * @returns false when it does not read.
   */
  sendAbout(topics: readonly string[], frame: Buffer): boolean {
    const { out } = this;
    const known = this.#topics;
    if (known) return topics.some((topic) => known.has(topic)) ? this.send(frame) : true;
    this.#followed ||= out?.send(LinkFrame.follow, NOTHING) ?? false;
    return out?.send(LinkFrame.addressed, addressed(topics, frame)) ?? false;
  }

  #tellTopics(): void {
    this.#tell(LinkFrame.topics, jsonOf([...this.#own.topics]));
  }

  #tell(kind: number, payload: Buffer): void {
    if (this.out?.isOpen && !this.out.send(kind, payload)) this.#isBehind = true;
  }
}
