import { listElements, listHas, trimBlanks } from './grammar.ts';

/** Content codings that are made here. @see RFC 7932 (br), RFC 1952 (gzip) */
export type Coding = 'br' | 'gzip';

/** Ours in the order in which they are preferred where the client has no preference. */
export const CODINGS: readonly Coding[] = ['br', 'gzip'];

/**
 * Chooses a coding for an answer.
 *
 * @param accepted value of Accept-Encoding; without one nothing is coded, though anything would be allowed.
 * @returns `undefined` when it is sent as it is: that is wished for as much, or nothing of ours is accepted.
 * @see RFC 9110 §12.5.3 — Accept-Encoding
 */
export function chooseCoding(accepted: string | undefined): Coding | undefined {
  if (accepted === undefined) return undefined;
  const weights = weightsOf(accepted);
  const others = weights.get('*') ?? 0;
  const weightOf = (coding: Coding): number => weightIn(weights, coding) ?? others;
  const best = CODINGS.reduce((one, other) => (weightOf(other) > weightOf(one) ? other : one));
  const weight = weightOf(best);
  // Who names no weight for identity takes it last (RFC 9110 §12.5.3: it is acceptable, not preferred).
  return weight > 0 && weight >= (weights.get('identity') ?? 0) ? best : undefined;
}

/** `x-gzip` is `gzip` (RFC 9110 §8.4.1.3). */
function weightIn(weights: ReadonlyMap<string, number>, coding: Coding): number | undefined {
  return weights.get(coding) ?? (coding === 'gzip' ? weights.get('x-gzip') : undefined);
}

/** By name, in lower case; an element that cannot be read counts as not there. */
function weightsOf(list: string): Map<string, number> {
  const weights = new Map<string, number>();
  for (const element of listElements(list.toLowerCase())) {
    const [name = '', ...parameters] = element.split(';').map(trimBlanks);
    const weight = parameters.length === 0 ? 1 : readWeight(parameters);
    if (name !== '' && weight !== undefined) weights.set(name, weight);
  }
  return weights;
}

/** @see RFC 9110 §12.4.2 — Quality Values: 0 to 1 with at most three decimals */
function readWeight([parameter = '', ...more]: readonly string[]): number | undefined {
  const [, text] = /^q=(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)$/.exec(parameter) ?? [];
  return more.length > 0 || text === undefined ? undefined : Number(text);
}

/** What an answer says of itself. */
interface Described {
  readonly status: number;
  readonly body: unknown;
  header(name: string): string | undefined;
}

/** Media types beyond `text/…`, `…+json` and `…+xml` that become smaller. */
const COMPRESSIBLE: ReadonlySet<string> = new Set([
  'application/javascript',
  'application/json',
  'application/manifest+json',
  'application/rtf',
  'application/wasm',
  'application/x-javascript',
  'application/x-ndjson',
  'application/xml',
  'font/otf',
  'font/ttf',
  'image/bmp',
  'image/svg+xml',
  'image/x-icon',
]);

/**
 * True for answers that may be coded, and so differ by Accept-Encoding. Not those without a body of their own, parts of
 * one, what is coded already, whose digest is told, and what nobody on the way may change.
 *
 * @param types that are coded, in lower case; the usual ones without.
 * @see RFC 9110 §8.4 — Content-Encoding, §7.7 — Message Transformations; RFC 9530 — Digest Fields
 */
export function mayBeCoded(answer: Described, types: ReadonlySet<string> | undefined): boolean {
  const { status } = answer;
  if (status < 200 || [204, 205, 206, 304].includes(status)) return false;
  if (NEVER_WITH.some((name) => answer.header(name) !== undefined)) return false;
  if (listHas(answer.header('cache-control'), 'no-transform')) return false;
  const type = answer.header('content-type');
  return isOf(type ?? (typeof answer.body === 'string' ? 'text/html' : ''), types);
}

const NEVER_WITH: readonly string[] = [
  'transfer-encoding',
  'content-encoding',
  'content-range',
  'content-md5',
  'content-digest',
  'repr-digest',
];

function isOf(contentType: string, types: ReadonlySet<string> | undefined): boolean {
  const type = trimBlanks(contentType.toLowerCase().split(';', 1)[0] ?? '');
  if (type === 'text/event-stream') return false;
  if (types) return types.has(type);
  return type.startsWith('text/') || /\+(json|xml)$/.test(type) || COMPRESSIBLE.has(type);
}

/** The fields of a coded answer that differ from those of the same answer as it is. */
export function codedFields(answer: Described, coding: Coding): Record<string, string> {
  const tag = answer.header('etag');
  return {
    'Content-Encoding': coding,
    ...(tag === undefined ? {} : { ETag: weaken(tag) }),
  };
}

/** Other bytes, the same content: it is no more than that. @see RFC 9110 §8.8.1 — Weak versus Strong */
function weaken(tag: string): string {
  return tag.startsWith('W/') ? tag : `W/${tag}`;
}

/** Value of Vary, with Accept-Encoding named. @see RFC 9110 §12.5.5 — Vary */
export function varyByCoding(vary: string | undefined): string {
  if (vary === undefined || vary === '') return 'Accept-Encoding';
  return vary === '*' || listHas(vary, 'accept-encoding') ? vary : `${vary}, Accept-Encoding`;
}
