import { listElements } from './grammar.ts';

/** Bytes `[start, end)` of a representation. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

const RANGE = /^(\d*)-(\d*)$/;
const UNIT = 'bytes=';
/** More of them are ignored: nobody who means well asks so (RFC 9110 §14.2). */
const MOST_RANGES = 20;

/**
 * Reads a Range field for a representation of `size` bytes. Ranges that overlap or touch are one.
 *
 * Several that stay apart are ignored and the whole is sent, which a server may always do: hardly anybody asks, and
 * multipart/byteranges can cost many times the file.
 *
 * @returns the range, `'unsatisfiable'` (416), or `undefined` for the whole.
 * @see RFC 9110 §14.1.2 — Byte Ranges, §14.2 — Range
 */
export function readRange(field: string, size: number): ByteRange | 'unsatisfiable' | undefined {
  if (field.slice(0, UNIT.length).toLowerCase() !== UNIT) return undefined;
  const elements = listElements(field.slice(UNIT.length)).filter((element) => element !== '');
  if (elements.length === 0 || elements.length > MOST_RANGES) return undefined;
  const found: ByteRange[] = [];
  for (const element of elements) {
    const range = readOne(element, size);
    if (range === undefined) return undefined;
    if (range.start < range.end) found.push(range);
  }
  return found.length === 0 ? 'unsatisfiable' : joined(found);
}

/** @returns an empty range for one that cannot be satisfied, `undefined` for what is no range. */
function readOne(element: string, size: number): ByteRange | undefined {
  const [, first = '', last = ''] = RANGE.exec(element) ?? [];
  if (first === '' && last === '') return undefined;
  if (first === '') return { start: Math.max(0, size - Number(last)), end: size };
  if (last !== '' && Number(last) < Number(first)) return undefined;
  return { start: Number(first), end: last === '' ? size : Math.min(size, Number(last) + 1) };
}

function joined(ranges: readonly ByteRange[]): ByteRange | undefined {
  const [first, ...others] = ranges.toSorted((one, other) => one.start - other.start);
  let { start, end } = first as ByteRange;
  for (const range of others) {
    if (range.start > end) return undefined;
    end = Math.max(end, range.end);
  }
  return { start, end };
}
