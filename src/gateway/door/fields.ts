import { nearest } from '../../nearest.ts';
import type { Message } from '../frames.ts';
import { Refusal } from './refusal.ts';

export type Fields = Readonly<Record<string, unknown>>;

/** @throws {Refusal} the body is no JSON object, or has a field that means nothing here. */
export function readFields(body: Buffer, known: readonly string[]): Fields {
  const fields = parse(body);
  if (!isObject(fields)) throw new Refusal(400, `the body is a JSON object with ${known.join(', ')}`);
  for (const name of Object.keys(fields)) if (!known.includes(name)) throw unknownField(name, known);
  return fields;
}

export function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** @returns ids, uids or groups. @throws {Refusal} it is missing, or there are none. */
export function namesIn(value: unknown, what: string): readonly string[] {
  const names = [value].flat();
  if (names.length === 0 || !names.every(isName))
    throw new Refusal(400, `${what} is a text, a number, or a list of them that is not empty`);
  return names.map(String);
}

/** @throws {Refusal} it is missing. */
export function nameIn(fields: Fields, what: string): string {
  const value = fields[what];
  if (isName(value)) return String(value);
  throw new Refusal(400, `${what} is missing: a text or a number`);
}

/**
 * A text as it is, bytes as base64, any other object or list as its JSON.
 *
 * @throws {Refusal} it is none of these.
 */
export function messageIn(value: unknown): Message {
  if (typeof value === 'string') return value;
  if (isObject(value) && Object.keys(value).join() === 'base64') return bytesOf(value.base64);
  if (typeof value === 'object' && value !== null) return JSON.stringify(value);
  throw new Refusal(400, 'message is a text, an object that is sent as JSON, or { "base64": "…" }');
}

/** @see RFC 4648 §4 — Base 64 Encoding */
function bytesOf(value: unknown): Buffer {
  if (typeof value === 'string' && value.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(value))
    return Buffer.from(value, 'base64');
  throw new Refusal(400, 'base64 is not base64: letters, digits, + and /, with = at the end');
}

function isName(value: unknown): value is string | number {
  return (typeof value === 'string' && value !== '') || typeof value === 'number';
}

function parse(body: Buffer): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch (error) {
    throw new Refusal(400, `the body is no JSON: ${(error as Error).message.split('\n')[0]}`);
  }
}

function unknownField(name: string, known: readonly string[]): Refusal {
  const shown = JSON.stringify(name.slice(0, 40));
  const meant = nearest(name, known);
  return new Refusal(
    400,
    `there is no field ${shown}: ${meant ? `did you mean ${meant}?` : `there are ${known.join(', ')}`}`,
  );
}
