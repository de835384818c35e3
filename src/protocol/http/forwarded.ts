import { endOfToken } from './grammar.ts';

/** One step of a request's way, as a proxy has written it down: who it had the request from. */
export interface Hop {
  /** An address, or whatever stands in its place; not checked. */
  readonly host: string;
  /** 0 when it was not told. */
  readonly port: number;
  /** How the request came to that proxy: `https`. */
  readonly proto?: string;
  /** The Host that it was sent to. */
  readonly askedFor?: string;
}

/** The hops of an `X-Forwarded-For`, farthest first; lines are joined by commas. */
export function readForwardedFor(value: string): Hop[] {
  return value.split(',').map((entry) => nodeOf(entry.trim()));
}

/**
 * The hops of a `Forwarded`, farthest first.
 *
 * @returns `undefined` when any of it breaks the grammar: a client may have begun a quoted string that
 *   swallows what the proxies have added.
 * @see RFC 7239 §4 — Forwarded HTTP Header Field
 */
export function readForwarded(value: string): Hop[] | undefined {
  const hops: Hop[] = [];
  let element = new Map<string, string>();
  let position = 0;
  for (;;) {
    position = skipBlanks(value, position);
    const next = value[position];
    if (next === undefined || next === ',') {
      if (element.size > 0) hops.push(hopOf(element));
      if (next === undefined) return hops;
      element = new Map();
      position++;
    } else if (next === ';') {
      position++;
    } else {
      const pair = readPair(value, position);
      if (pair === undefined || element.has(pair.name)) return undefined;
      element.set(pair.name, pair.value);
      position = skipBlanks(value, pair.end);
      if (position < value.length && value[position] !== ',' && value[position] !== ';') return undefined;
    }
  }
}

function hopOf(element: ReadonlyMap<string, string>): Hop {
  const proto = element.get('proto');
  const askedFor = element.get('host');
  return {
    ...nodeOf(element.get('for') ?? ''),
    ...(proto === undefined ? {} : { proto }),
    ...(askedFor === undefined ? {} : { askedFor }),
  };
}

/**
 * An address with or without port. An IPv6 address with a port stands in brackets; without one they may be
 * missing in `X-Forwarded-For`.
 *
 * @see RFC 7239 §6 — Node Identifiers
 */
function nodeOf(text: string): Hop {
  const bracketed = /^\[([^\]]*)\](?::(\d{1,5}))?$/.exec(text);
  if (bracketed) return { host: bracketed[1] ?? '', port: portOf(bracketed[2]) };
  const [, host = text, port] = /^([^:]*):(\d{1,5})$/.exec(text) ?? [];
  return { host, port: portOf(port) };
}

function portOf(text: string | undefined): number {
  const port = Number(text ?? 0);
  return port <= 65_535 ? port : 0;
}

interface Pair {
  readonly name: string;
  readonly value: string;
  readonly end: number;
}

function readPair(text: string, start: number): Pair | undefined {
  const nameEnd = endOfToken(text, start);
  if (nameEnd === start || text[nameEnd] !== '=') return undefined;
  const name = text.slice(start, nameEnd).toLowerCase();
  if (text[nameEnd + 1] === '"') return readQuoted(text, nameEnd + 2, name);
  const end = endOfToken(text, nameEnd + 1);
  return end === nameEnd + 1 ? undefined : { name, value: text.slice(nameEnd + 1, end), end };
}

/** @see RFC 9110 §5.6.4 — Quoted Strings */
function readQuoted(text: string, start: number, name: string): Pair | undefined {
  let value = '';
  for (let index = start; index < text.length; index++) {
    const character = text[index] as string;
    if (character === '"') return { name, value, end: index + 1 };
    value += character === '\\' ? (text[++index] ?? '') : character;
  }
  return undefined;
}

function skipBlanks(text: string, start: number): number {
  let position = start;
  while (text[position] === ' ' || text[position] === '\t') position++;
  return position;
}
