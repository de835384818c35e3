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
  /** JSON of each value, from the first look on. */
  #before: Map<string, string> | undefined;

  /** Another has changed it. */
  replace(session: Session): void {
    this.#session = session;
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
    return Object.keys(set).length + dropped.length === 0 ? undefined : { set, dropped };
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
