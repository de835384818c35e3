import { SystemError, UsageError } from '../errors.ts';
import { publish } from '../telemetry.ts';
import { type RecordRules, SessionRecord } from './session-record.ts';
import { SessionValues } from './session-values.ts';

/**
 * What is kept for one visitor between requests. Saved with the answer to the request; what is changed after it, on a
 * WebSocket for example, is saved by itself.
 *
 * Values are kept as JSON keeps them: a `Date` comes back as a string. A change within a value is saved too; after the
 * answer, call `save` for it.
 */
export class HttpSession<Data extends object = Record<string, unknown>> {
  readonly #rules: RecordRules;
  /** What the client had. */
  readonly #presented: SessionRecord | undefined;
  #record: SessionRecord;
  #values: SessionValues;
  /** Whose values go on in this record, before it is stored. */
  #from: SessionRecord | undefined;
  /** What is to be deleted when this is saved. */
  #leaving: SessionRecord[] = [];
  #isDestroyed = false;
  #isRenewed = false;
  /** The answer has left, and a cookie with it. */
  #isAnswered = false;
  #isSaveDue = false;
  #saving: Promise<void> = Promise.resolve();

  /** @internal @param presented what the client's id has brought to light. */
  constructor(rules: RecordRules, presented: SessionRecord | undefined) {
    this.#rules = rules;
    this.#presented = presented;
    this.#record = presented ?? SessionRecord.fresh(rules);
    this.#values = new SessionValues(this.#record.text);
  }

  /** What the client holds in its cookie. Whoever knows it is that client: not for logs and pages. */
  get id(): string {
    return this.#record.id;
  }

  /** Whether it was not in the store when the request came. */
  get isNew(): boolean {
    return this.#presented === undefined;
  }

  get<Key extends keyof Data & string>(key: Key): Data[Key] | undefined {
    return this.#values.get(key) as Data[Key] | undefined;
  }

  has(key: keyof Data & string): boolean {
    return this.get(key) !== undefined;
  }

  all(): Partial<Data> {
    const entries = this.#values.keys().map((key) => [key, this.#values.get(key)]);
    return Object.fromEntries(entries) as Partial<Data>;
  }

  /** @throws {UsageError} JSON does not keep the value, or the answer has left without a cookie. */
  set<Key extends keyof Data & string>(key: Key, value: Data[Key]): void {
    this.put({ [key]: value } as unknown as Partial<Data>);
  }

  /** Sets several. @throws as `set`. */
  put(values: Partial<Data>): void {
    this.#mayBegin();
    this.#saveLater();
    for (const [key, value] of Object.entries(values)) {
      if (value === undefined) this.#values.delete(key);
      else this.#values.set(key, value);
    }
  }

  delete(key: keyof Data & string): void {
    this.forget(key);
  }

  /** Deletes one or several. */
  forget(keys: (keyof Data & string) | readonly (keyof Data & string)[]): void {
    this.#saveLater();
    for (const key of [keys].flat()) this.#values.delete(key);
  }

  /** Takes a value out. */
  pull<Key extends keyof Data & string>(key: Key): Data[Key] | undefined {
    const value = this.get(key);
    this.delete(key);
    return value;
  }

  /** Deletes all values. The session itself stays: `destroy` ends it. */
  flush(): void {
    this.#saveLater();
    this.#values.clear();
  }

  /**
   * Goes on under another id; the one before is worth nothing any more. To be called when somebody logs in, so that an
   * id which was foisted on them beforehand is of no use.
   *
   * @throws {UsageError} the answer has left, and a cookie cannot be set any more.
   */
  regenerate(): void {
    if (this.#isAnswered) throw tooLate('regenerate()');
    if (this.#record.isStored) this.#from = this.#record;
    this.#leave();
  }

  /** Ends it: its values are deleted, and the client is told to forget its cookie. What is set afterwards begins a new one. */
  destroy(): void {
    this.#isDestroyed = true;
    this.#from = undefined;
    this.#values = new SessionValues();
    this.#leave();
    this.#saveLater();
  }

  /**
   * Saves now, and renews its time; by itself it is saved with the answer. A session that another request has destroyed
   * meanwhile stays so, and what was changed here goes with it.
   *
   * @throws {UsageError} it is too large. @throws {SystemError} the store cannot be reached.
   */
  save(): Promise<void> {
    this.#saving = this.#saving.catch(() => {}).then(() => this.#save());
    return this.#saving;
  }

  /** Reads what other requests have made of it. @returns false when it is there no more. */
  async reload(): Promise<boolean> {
    const [record, values] = [this.#record, this.#values];
    if (!record.isStored) return false;
    if (await record.reload()) values.settle(record.text, new Map());
    else this.#lose(record);
    return record.isStored;
  }

  /** @internal Whether saving has something to do. */
  get isUnsaved(): boolean {
    return this.#leaving.length > 0 || this.#record.isDue || this.#values.changes().size > 0;
  }

  /** @internal What the client is to be told: an id to hold, to forget the one it has, or nothing. */
  get cookie(): 'set' | 'clear' | undefined {
    if (!this.#record.isStored) return this.#isDestroyed && this.#presented ? 'clear' : undefined;
    return this.#record !== this.#presented || this.#isRenewed ? 'set' : undefined;
  }

  /** @internal The answer has left, or nobody is left to answer: from here on changes are saved by themselves. */
  answered(): void {
    this.#isAnswered = true;
    if (this.#record.isStored || this.#leaving.length > 0) this.#saveLater();
  }

  async #save(): Promise<void> {
    if (this.#record.isStored) await this.#saveKnown(this.#record, this.#values);
    else await this.#saveNew(this.#record, this.#values);
    for (let old = this.#leaving[0]; old; old = this.#leaving[0]) {
      await old.delete();
      this.#leaving.splice(this.#leaving.indexOf(old), 1);
    }
  }

  async #saveKnown(record: SessionRecord, values: SessionValues): Promise<void> {
    const changes = values.changes();
    const isDue = record.isDue;
    if (changes.size > 0) {
      if (!(await record.write(changes))) return this.#lose(record);
      values.settle(record.text, changes);
    } else if (isDue) {
      await record.renew();
    }
    this.#isRenewed ||= isDue;
  }

  /** Nothing in it, nothing stored. */
  async #saveNew(record: SessionRecord, values: SessionValues): Promise<void> {
    const changes = values.changes();
    const base = (await this.#from?.reload()) ? this.#from?.text : undefined;
    const all = SessionValues.all(SessionValues.apply(base, changes));
    if (all.size === 0) return;
    if (!(await record.write(all))) throw new SystemError('E_SESSION_STORE', 'a new session was not stored');
    values.settle(record.text, changes);
    this.#from = undefined;
  }

  /** Another request has ended it. */
  #lose(record: SessionRecord): void {
    if (this.#record !== record) return;
    this.#record = SessionRecord.fresh(this.#rules);
    this.#values = new SessionValues();
  }

  #leave(): void {
    if (this.#record.isStored) this.#leaving.push(this.#record);
    this.#record = SessionRecord.fresh(this.#rules);
  }

  #mayBegin(): void {
    if (this.#isAnswered && !this.#record.isStored) throw tooLate('a first value');
  }

  #saveLater(): void {
    if (!this.#isAnswered || this.#isSaveDue) return;
    this.#isSaveDue = true;
    const save = (): Promise<void> => {
      this.#isSaveDue = false;
      return this.save();
    };
    Promise.resolve()
      .then(save)
      .catch((error: unknown) => publish('usta:handler:failed', { callback: 'session', error }));
  }
}

function tooLate(what: string): UsageError {
  return new UsageError(
    'E_SESSION',
    `session: ${what} after the answer has left: its cookie cannot be set any more`,
  );
}
