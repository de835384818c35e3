/** Payloads from this many bytes on are masked in blocks. */
const LONG = 256;

/**
 * XORs `[start, start + length)` in place with a four-byte key, word by word.
 *
 * @param key the masking key as its four bytes lie in memory, read little-endian; see `turnKey` for
 *   bytes that do not begin at the payload's start.
 * @returns all resulting bytes OR-ed together, in words: `isAsciiSum` tells whether they are ASCII,
 *   which makes checking and decoding such text free.
 * @see RFC 6455 §5.3 — Client-to-Server Masking
 */
export function mask(view: DataView, start: number, length: number, key: number): number {
  let sum = 0;
  let index = start;
  if (length >= LONG) {
    const end = start + (length & ~15);
    sum = maskBlocks(view, start, end, key);
    index = end;
  }
  for (const words = start + (length & ~3); index < words; index += 4) {
    const word = view.getInt32(index, true) ^ key;
    view.setInt32(index, word, true);
    sum |= word;
  }
  for (let rest = key; index < start + length; index++, rest >>>= 8) {
    const byte = view.getUint8(index) ^ (rest & 0xff);
    view.setUint8(index, byte);
    sum |= byte;
  }
  return sum;
}

/** As `mask`, four words at a time: a third faster where there are many. */
function maskBlocks(view: DataView, start: number, end: number, key: number): number {
  let sum = 0;
  for (let index = start; index < end; index += 16) {
    const first = view.getInt32(index, true) ^ key;
    const second = view.getInt32(index + 4, true) ^ key;
    const third = view.getInt32(index + 8, true) ^ key;
    const fourth = view.getInt32(index + 12, true) ^ key;
    view.setInt32(index, first, true);
    view.setInt32(index + 4, second, true);
    view.setInt32(index + 8, third, true);
    view.setInt32(index + 12, fourth, true);
    sum |= first | second | third | fourth;
  }
  return sum;
}

/** The key for bytes that begin `offset` bytes into the payload. */
export function turnKey(key: number, offset: number): number {
  const bits = (offset & 3) * 8;
  return bits === 0 ? key : (key >>> bits) | (key << (32 - bits));
}

/** @param sum what `mask` or `sumOf` returned. */
export function isAsciiSum(sum: number): boolean {
  return (sum & 0x80808080) === 0;
}

/** As `mask` without changing anything: for payloads that are not masked. */
export function sumOf(view: DataView, start: number, length: number): number {
  let sum = 0;
  let index = start;
  for (const words = start + (length & ~3); index < words; index += 4) sum |= view.getInt32(index, true);
  for (; index < start + length; index++) sum |= view.getUint8(index);
  return sum;
}
