import { isThenable } from '../contained.ts';
import { Hold } from './conversation.ts';
import type { TcpConnection } from './tcp-connection.ts';

/**
 * What a message has to be: a schema of zod, valibot, arktype or any other library that keeps to Standard Schema.
 *
 * @see https://standardschema.dev — version 1, as much of it as is used here
 */
export interface MessageSchema<Output = unknown> {
  readonly '~standard': {
    readonly version: 1;
    readonly vendor: string;
    readonly validate: (value: unknown) => SchemaResult<Output> | Promise<SchemaResult<Output>>;
  };
}

export type SchemaResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly SchemaIssue[] };

/** Something in a message that does not fit. */
export interface SchemaIssue {
  /** In the words of the schema's library, which may repeat what the peer has sent. */
  readonly message: string;
  /** Where, from the outermost key on. */
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

/** A message that does not fit its schema. */
export interface InvalidMessage {
  /** Where and what, without anything that the peer has sent; at most 123 bytes. */
  readonly reason: string;
  /** None when it is not JSON. */
  readonly issues: readonly SchemaIssue[];
  /** As it came. */
  readonly message: unknown;
}

type Deliver = (connection: TcpConnection, value: unknown) => void;

/** What a close frame holds besides its code, in bytes (RFC 6455 §5.5.1). */
const MAX_REASON = 123;
/** Values in a message of which it is asked whether a reason repeats them. */
const MOST_LOOKED_AT = 1_000;
const NOT_JSON = 'not JSON';
const DOES_NOT_FIT = 'does not fit';

/** Lets messages through that fit a schema, in order, as the schema gives them out. */
export class Examination {
  readonly #schema: MessageSchema;

  constructor(schema: MessageSchema) {
    this.#schema = schema;
  }

  /**
   * @param message text is read as JSON; anything else (of a protocol of the user's) is taken as it is.
   * @param deliver gets what fits; later ones wait for a schema that takes its time.
   */
  examine(connection: TcpConnection, message: unknown, deliver: Deliver): void {
    const read = readJson(message);
    if (read === undefined) return refuse(connection, { reason: NOT_JSON, issues: [], message });
    const conclude = (result: SchemaResult<unknown>): void => {
      if (!connection.isOpen) return;
      if (result.issues === undefined) return deliver(connection, result.value);
      const reason = reasonOf(result.issues[0], read.value);
      refuse(connection, { reason, issues: result.issues, message });
    };
    try {
      const result = this.#schema['~standard'].validate(read.value);
      if (isThenable(result)) this.#wait(connection, result.then(conclude));
      else conclude(result);
    } catch (error) {
      connection.handlerFailed('onMessage', error);
    }
  }

  #wait(connection: TcpConnection, concluded: PromiseLike<void>): void {
    connection.hold(Hold.examination);
    const go = (): void => connection.release(Hold.examination);
    concluded.then(go, (error: unknown) => {
      connection.handlerFailed('onMessage', error);
      go();
    });
  }
}

function readJson(message: unknown): { readonly value: unknown } | undefined {
  if (typeof message !== 'string') return { value: message };
  try {
    return { value: JSON.parse(message) };
  } catch {
    return undefined;
  }
}

function refuse(connection: TcpConnection, invalid: InvalidMessage): void {
  connection.host.tally.invalidMessages++;
  const { onInvalidMessage } = connection.handlers;
  if (onInvalidMessage) return connection.call('onInvalidMessage', onInvalidMessage, invalid);
  connection.note({ by: 'peer', how: 'protocol', reason: invalid.reason });
  connection.report(1008, invalid.reason);
  connection.stage.close(connection, 1008, invalid.reason);
}

/** Where and what, in plain ASCII: a reason travels into logs, and what the peer has sent does not belong there. */
function reasonOf(issue: SchemaIssue | undefined, value: unknown): string {
  const keys = (issue?.path ?? []).map((part) => (typeof part === 'object' ? part.key : part));
  const said = issue?.message ?? '';
  const harmless = said !== '' && !repeats(said, at(value, keys));
  const what = harmless ? said.replaceAll(/[^\x20-\x7e]/g, '?') : DOES_NOT_FIT;
  const where = keys.map((key) => (isPlain(key) ? String(key) : '?')).join('.');
  return (where === '' ? what : `${where}: ${what}`).slice(0, MAX_REASON);
}

function at(value: unknown, keys: readonly PropertyKey[]): unknown {
  return keys.reduce<unknown>((inner, key) => (inner as Record<PropertyKey, unknown> | null)?.[key], value);
}

/** True when a sentence holds a value, or a key of it or anything deeper; and when there is too much to tell. */
function repeats(said: string, value: unknown): boolean {
  const pending: unknown[] = [value];
  for (let looked = 0; pending.length > 0; looked++) {
    const next = pending.pop();
    if (looked === MOST_LOOKED_AT) return true;
    if (typeof next !== 'object' || next === null) {
      if (next !== undefined && holds(said, String(next))) return true;
    } else {
      const keys = Array.isArray(next) ? [] : Object.keys(next);
      if (keys.length > MOST_LOOKED_AT || keys.some((key) => holds(said, key))) return true;
      pending.push(...Object.values(next).slice(0, MOST_LOOKED_AT));
    }
  }
  return false;
}

/** Libraries quote and cut what they repeat: its first word gives it away. */
function holds(said: string, text: string): boolean {
  const [word = ''] = /[^\s"'\\]+/.exec(text) ?? [];
  return word !== '' && said.includes(word.slice(0, 8));
}

function isPlain(key: PropertyKey): boolean {
  return typeof key !== 'symbol' && /^[\w$-]{1,40}$/.test(String(key));
}
