import { createHash, randomBytes } from 'node:crypto';
import { SystemError, UsageError } from '../errors.ts';
import { now } from '../timer.ts';
import type { SessionStore, StoredSession } from './session-store.ts';
import { type SessionChanges, SessionValues } from './session-values.ts';

export interface RecordRules {
  readonly store: SessionStore;
  /** Seconds without a request after which it expires. */
  readonly lifetime: number;
  readonly rolling: boolean;
  /** Bytes of text, about. */
  readonly maxSize: number;
}

/** 256 bits. */
const ID_BYTES = 32;
const ID = /^[\w-]{43}$/;
/** A rolling session is renewed when this much of its life is over, and not with each request. */
const RENEWED_AFTER = 0.1;
/** As many tries to build on what others write at the same time. */
const TRIES = 100;
const EMPTY = '[]';

/** One session in its store: its id, the version we know, and how others' writes are met. */
export class SessionRecord {
  /** What its client holds. */
  readonly id: string;
  readonly #rules: RecordRules;
  /** `undefined` while it is not in the store. */
  #stored: StoredSession | undefined;
  /** By `now()`. */
  #expiresAt = 0;

  private constructor(rules: RecordRules, id: string, stored?: StoredSession) {
    this.#rules = rules;
    this.id = id;
    if (stored) this.#know(stored);
  }

  /** One that is not in the store yet. */
  static fresh(rules: RecordRules): SessionRecord {
    return new SessionRecord(rules, randomBytes(ID_BYTES).toString('base64url'));
  }

  /** @returns `undefined` for an id that we have not given out, or not any more. */
  static async find(rules: RecordRules, id: string | undefined): Promise<SessionRecord | undefined> {
    if (id === undefined || !ID.test(id)) return undefined;
    const stored = await rules.store.load(keyOf(id));
    return stored && new SessionRecord(rules, id, stored);
  }

  get isStored(): boolean {
    return this.#stored !== undefined;
  }

  get text(): string {
    return this.#stored?.text ?? EMPTY;
  }

  /** Whether its time is to be set anew. */
  get isDue(): boolean {
    const { rolling, lifetime } = this.#rules;
    return rolling && this.isStored && this.#expiresAt - now() < lifetime * 1000 * (1 - RENEWED_AFTER);
  }

  /**
   * Writes changes onto what is stored now: of two who write different keys at the same time both succeed; of the same
   * key, the later one counts.
   *
   * @returns false when it was deleted meanwhile: nothing was written.
   * @throws {UsageError} it would be larger than is allowed. @throws {SystemError} from the store.
   */
  async write(changes: SessionChanges): Promise<boolean> {
    const { store, lifetime, rolling } = this.#rules;
    let base = this.#stored;
    for (let tries = 0; tries < TRIES; tries++) {
      const text = SessionValues.apply(base?.text ?? EMPTY, changes);
      this.#checkSize(text);
      const seconds = rolling ? lifetime : (base?.secondsLeft ?? lifetime);
      const after = base?.version ?? 0;
      if (await store.save(keyOf(this.id), text, { after, seconds })) {
        this.#know({ text, version: after + 1, secondsLeft: seconds });
        return true;
      }
      base = await store.load(keyOf(this.id));
      if (!base) return false;
    }
    throw new SystemError('E_SESSION_BUSY', `a session was written ${TRIES} times while we tried to`);
  }

  async renew(): Promise<void> {
    const { store, lifetime } = this.#rules;
    await store.touch(keyOf(this.id), lifetime);
    if (this.#stored) this.#know({ ...this.#stored, secondsLeft: lifetime });
  }

  /** Learns what others have made of it. @returns whether it is there still. */
  async reload(): Promise<boolean> {
    const stored = await this.#rules.store.load(keyOf(this.id));
    if (stored) this.#know(stored);
    else this.#stored = undefined;
    return stored !== undefined;
  }

  async delete(): Promise<void> {
    this.#stored = undefined;
    await this.#rules.store.delete(keyOf(this.id));
  }

  #know(stored: StoredSession): void {
    this.#stored = stored;
    this.#expiresAt = now() + stored.secondsLeft * 1000;
  }

  #checkSize(text: string): void {
    const { maxSize } = this.#rules;
    if (Buffer.byteLength(text) <= maxSize) return;
    throw new UsageError(
      'E_SESSION',
      `a session of more than ${maxSize} bytes is not kept: store less in it, or see maxSize`,
    );
  }
}

/** Whoever reads a store learns no id from it. */
function keyOf(id: string): string {
  return createHash('sha256').update(id).digest('hex');
}
