/**
 * What belongs to a client, kept in its gateway: JSON. Give it the types of your application:
 *
 *     declare module 'usta' { interface Session { name?: string } }
 */
export interface Session {
  [key: string]: unknown;
}

/** What a handler has changed in a session. */
export interface SessionChange {
  readonly set: Session;
  readonly dropped: readonly string[];
}

/** Keys that were set or dropped; others may have been set elsewhere meanwhile, and stay. */
export function applyChange(session: Session, { set, dropped }: SessionChange): Session {
  const changed = { ...session, ...set };
  for (const key of dropped) delete changed[key];
  return changed;
}

/** Objects are merged within, everything else is replaced. */
export function merge(session: Session, more: Session): Session {
  const merged: Session = { ...session };
  for (const [key, value] of Object.entries(more)) {
    if (key === '__proto__') continue;
    const before = Object.hasOwn(merged, key) ? merged[key] : undefined;
    merged[key] = isObject(before) && isObject(value) ? merge(before, value) : value;
  }
  return merged;
}

function isObject(value: unknown): value is Session {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Notices what was changed in a session since it was last asked. */
export class SessionWatch {
  #session: Session = {};
  /** Changes taken from here, numbered on from those before us: what we were told last may not have them yet. */
  #taken = 0;
  #underWay: { readonly number: number; readonly change: SessionChange }[] = [];
  /** JSON of each value, from the first look on. */
  #before: Map<string, string> | undefined;

  /** As its keeper has it, with so many changes that were taken from here or from those before us. */
  replace(session: Session, changes: number = 0): void {
    this.#taken = Math.max(this.#taken, changes);
    this.#underWay = this.#underWay.filter(({ number }) => number > changes);
    this.#session = this.#underWay.reduce((one, { change }) => applyChange(one, change), session);
    this.#before = undefined;
  }

  /** From here on changes are noticed. */
  look(): Session {
    this.#before ??= textsOf(this.#session);
    return this.#session;
  }

  /** @returns undefined when nothing was changed. @throws {TypeError} something in it is no JSON. */
  takeChange(): SessionChange | undefined {
    const before = this.#before;
    if (!before) return undefined;
    const after = textsOf(this.#session);
    this.#before = undefined;
    const set: Session = {};
    for (const [key, text] of after) if (before.get(key) !== text) set[key] = JSON.parse(text);
    const dropped = [...before.keys()].filter((key) => !after.has(key));
    if (Object.keys(set).length + dropped.length === 0) return undefined;
    this.#underWay.push({ number: ++this.#taken, change: { set, dropped } });
    return { set, dropped };
  }
}

function textsOf(session: Session): Map<string, string> {
  const texts = new Map<string, string>();
  for (const [key, value] of Object.entries(session)) {
    const text: string | undefined = JSON.stringify(value);
    if (text !== undefined) texts.set(key, text);
  }
  return texts;
}
