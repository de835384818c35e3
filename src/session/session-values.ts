import { UsageError } from '../errors.ts';

/** What one request does to a session: JSON by key; `undefined` deletes. */
export type SessionChanges = ReadonlyMap<string, string | undefined>;

/** Stands for what was deleted. */
const DELETED: unique symbol = Symbol('deleted');

/**
 * The values of a session, by key: as they were stored, and as they are now. Changes are found by comparing, so that
 * one within a value is not missed.
 */
export class SessionValues {
  #stored: ReadonlyMap<string, string>;
  /** What was looked at, set or deleted. */
  readonly #current = new Map<string, unknown>();

  /** @param text as `SessionValues.apply` has made it. */
  constructor(text: string = '[]') {
    this.#stored = read(text);
  }

  /** @returns all that is in a stored text. */
  static all(text: string): ReadonlyMap<string, string> {
    return read(text);
  }

  /** @returns what a stored text becomes. */
  static apply(text: string = '[]', changes: SessionChanges): string {
    const values = read(text);
    for (const [key, json] of changes) {
      if (json === undefined) values.delete(key);
      else values.set(key, json);
    }
    return JSON.stringify([...values]);
  }

  get(key: string): unknown {
    if (!this.#current.has(key)) {
      const json = this.#stored.get(key);
      if (json === undefined) return undefined;
      this.#current.set(key, JSON.parse(json));
    }
    const value = this.#current.get(key);
    return value === DELETED ? undefined : value;
  }

  /** @throws {UsageError} JSON does not keep it. */
  set(key: string, value: unknown): void {
    toJson(key, value);
    this.#current.set(key, value);
  }

  delete(key: string): void {
    this.#current.set(key, DELETED);
  }

  clear(): void {
    for (const key of this.keys()) this.delete(key);
  }

  keys(): string[] {
    const keys = new Set([...this.#stored.keys(), ...this.#current.keys()]);
    return [...keys].filter((key) => this.#current.get(key) !== DELETED);
  }

  /** @throws {UsageError} JSON does not keep what a value has become. */
  changes(): SessionChanges {
    const changes = new Map<string, string | undefined>();
    for (const [key, value] of this.#current) {
      const json = toJson(key, value);
      if (json !== this.#stored.get(key)) changes.set(key, json);
    }
    return changes;
  }

  /** `text` is what is stored now, with `changes` and what others have made of the rest. What has changed since stays a change. */
  settle(text: string, changes: SessionChanges): void {
    const before = this.#stored;
    this.#stored = read(text);
    for (const [key, value] of this.#current) {
      const known = changes.has(key) ? changes.get(key) : before.get(key);
      if (toJson(key, value) === known) this.#current.delete(key);
    }
  }
}

function read(text: string): Map<string, string> {
  return new Map(JSON.parse(text) as [string, string][]);
}

function toJson(key: string, value: unknown): string | undefined {
  if (value === DELETED) return undefined;
  try {
    const json = JSON.stringify(value);
    if (json !== undefined) return json;
  } catch (cause) {
    throw new UsageError('E_SESSION', `session: ${key} cannot be kept as JSON: ${(cause as Error).message}`, {
      cause,
    });
  }
  throw new UsageError('E_SESSION', `session: ${key} cannot be kept as JSON: it is a ${typeof value}`);
}
