import { HttpProtocolError } from '../../errors.ts';
import { isHost, isTarget } from './grammar.ts';

/** What a request asks for, whichever form it was sent in. */
export interface RequestTarget {
  /** Path and query, beginning with `/`; or `*`. */
  readonly resource: string;
  /** `host[:port]` of a target in absolute-form. */
  readonly authority?: string;
}

/**
 * Reads origin-form, absolute-form and, for OPTIONS, asterisk-form.
 *
 * @throws {HttpProtocolError} 400.
 * @see RFC 9112 §3.2 — Request Target
 */
export function readTarget(method: string, target: string): RequestTarget {
  if (!isTarget(target)) {
    throw new HttpProtocolError(
      400,
      'the request target holds a character that must be escaped (RFC 9112 §3.2)',
    );
  }
  if (target.startsWith('/')) return { resource: target };
  if (target === '*' && method === 'OPTIONS') return { resource: target };
  return absoluteForm(method, target);
}

function absoluteForm(method: string, target: string): RequestTarget {
  const start = lengthOfScheme(target);
  const path = firstOf(target, '/', start);
  const end = Math.min(path, firstOf(target, '?', start));
  const authority = target.slice(start, end);
  if (start === 0 || !isHost(authority)) {
    throw new HttpProtocolError(400, 'the request target is neither a path nor an http URL (RFC 9112 §3.2)');
  }
  const rest = target.slice(end);
  if (rest === '' && method === 'OPTIONS') return { resource: '*', authority };
  return { resource: rest.startsWith('/') ? rest : `/${rest}`, authority };
}

function lengthOfScheme(target: string): number {
  const start = target.slice(0, 8).toLowerCase();
  if (start.startsWith('http://')) return 7;
  return start === 'https://' ? 8 : 0;
}

function firstOf(target: string, character: string, from: number): number {
  const index = target.indexOf(character, from);
  return index < 0 ? target.length : index;
}
