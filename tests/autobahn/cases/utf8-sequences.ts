/** The groups of Autobahn 6.5 to 6.23: octets that are UTF-8, or are not. @see RFC 3629 §3, §4 */

export interface SequenceGroup {
  readonly title: string;
  readonly sequences: readonly { readonly octets: Buffer; readonly valid: boolean }[];
}

/** "κόσμε", five characters in eleven octets. */
export const KOSME: Buffer = Buffer.from('cebae1bdb9cf83cebcceb5', 'hex');

/** Lengths at which "κόσμε" may be cut without cutting a character. */
const KOSME_BORDERS: readonly number[] = [2, 5, 7, 9, 11];

/** Sequences whose last octet is missing: overlong or beyond U+10FFFF anyway, or the last of their length. */
const UNFINISHED = [
  'c0',
  'e080',
  'f08080',
  'f8808080',
  'fc80808080',
  'df',
  'efbf',
  'f7bfbf',
  'fbbfbfbf',
  'fdbfbfbfbf',
];

const LEADS = [
  { from: 0xc0, to: 0xdf },
  { from: 0xe0, to: 0xef },
  { from: 0xf0, to: 0xf7 },
  { from: 0xf8, to: 0xfb },
  { from: 0xfc, to: 0xfd },
];

export const SEQUENCE_GROUPS: readonly SequenceGroup[] = [
  valid('valid text', [
    '68656c6c6f24776f726c64',
    '68656c6c6fc2a2776f726c64',
    '68656c6c6fe282ac776f726c64',
    '68656c6c6ff0a4ada2776f726c64',
    KOSME.toString('hex'),
  ]),
  { title: 'each beginning of a valid text', sequences: beginnings() },
  valid('first of its length', ['00', 'c280', 'e0a080', 'f0908080']),
  invalid('first of five and six octets', ['f888808080', 'fc8480808080']),
  valid('last of its length', ['7f', 'dfbf', 'efbfbf', 'f48fbfbf']),
  invalid('last of four, five and six octets', ['f7bfbfbf', 'fbbfbfbfbf', 'fdbfbfbfbfbf']),
  join('around a border', valid('', ['ed9fbf', 'ee8080', 'efbfbd', 'f48fbfbf']), invalid('', ['f4908080'])),
  invalid('continuation octets alone', [
    ...['80', 'bf', '80bf', '80bf80', '80bf80bf', '80bf80bf80', '80bf80bf80bf'],
    Buffer.from(range(0x80, 0xbf)).toString('hex'),
  ]),
  invalid(
    'leading octets alone',
    LEADS.map(({ from, to }) => Buffer.from(range(from, to).flatMap((lead) => [lead, 0x20])).toString('hex')),
  ),
  invalid('last octet missing', UNFINISHED),
  invalid('many with the last octet missing', [UNFINISHED.join('')]),
  invalid('impossible octets', ['fe', 'ff', 'fefeffff']),
  invalid('overlong slash', ['c0af', 'e080af', 'f08080af', 'f8808080af', 'fc80808080af']),
  invalid('longest overlong', ['c1bf', 'e09fbf', 'f08fbfbf', 'f887bfbfbf', 'fc83bfbfbfbf']),
  invalid('overlong NUL', ['c080', 'e08080', 'f0808080', 'f880808080', 'fc8080808080']),
  invalid('surrogate alone', ['eda080', 'edadbf', 'edae80', 'edafbf', 'edb080', 'edbe80', 'edbfbf']),
  invalid(
    'surrogate pair',
    ['eda080', 'edadbf', 'edae80', 'edafbf'].flatMap((high) => [`${high}edb080`, `${high}edbfbf`]),
  ),
  valid('noncharacter', noncharacters()),
  valid('special character', ['efbfb9', 'efbfba', 'efbfbb', 'efbfbc', 'efbfbd', 'efbfbe', 'efbfbf']),
];

function valid(title: string, sequences: readonly string[]): SequenceGroup {
  return group(title, sequences, true);
}

function invalid(title: string, sequences: readonly string[]): SequenceGroup {
  return group(title, sequences, false);
}

function group(title: string, sequences: readonly string[], isValid: boolean): SequenceGroup {
  return { title, sequences: sequences.map((hex) => ({ octets: Buffer.from(hex, 'hex'), valid: isValid })) };
}

function join(title: string, ...groups: readonly SequenceGroup[]): SequenceGroup {
  return { title, sequences: groups.flatMap(({ sequences }) => sequences) };
}

function beginnings(): SequenceGroup['sequences'] {
  return Array.from(KOSME, (_, index) => index + 1).map((length) => ({
    octets: KOSME.subarray(0, length),
    valid: KOSME_BORDERS.includes(length),
  }));
}

/** The last two code points of each of the 17 planes. */
function noncharacters(): string[] {
  const planes = Array.from({ length: 17 }, (_, plane) => plane * 0x10000);
  const codePoints = planes.flatMap((plane) => [plane + 0xfffe, plane + 0xffff]);
  return codePoints.map((codePoint) => Buffer.from(String.fromCodePoint(codePoint)).toString('hex'));
}

/** From `from` up to, not including, `to`. */
function range(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, index) => from + index);
}
