/**
 * What a reader of UTF-8 must judge: the cases of Markus Kuhn's "UTF-8 decoder capability and stress
 * test", and some between them.
 */
export interface Utf8Sequence {
  readonly title: string;
  readonly bytes: Buffer;
  /**
   * - `valid`: whole characters.
   * - `cut`: all right so far, the last character is not complete.
   * - a number: offset of the first byte that cannot be right.
   */
  readonly verdict: 'valid' | 'cut' | number;
}

export const UTF8_SEQUENCES: readonly Utf8Sequence[] = [
  ...judged('some correct text', 'valid', ['', 'cebae1bdb9cf83cebcceb5', '68c3a9e282acf0908d88f09f9880']),
  ...judged('first of its length', 'valid', ['00', 'c280', 'e0a080', 'f0908080']),
  ...judged('first of five and six bytes', 0, ['f888808080', 'fc8480808080']),
  ...judged('last of its length', 'valid', ['7f', 'dfbf', 'efbfbf', 'f48fbfbf']),
  ...judged('last of four, five and six bytes as once planned', 0, [
    'f7bfbfbf',
    'fbbfbfbfbf',
    'fdbfbfbfbfbf',
  ]),
  ...judged('around the surrogates and the end', 'valid', ['ed9fbf', 'ee8080', 'efbfbd', 'f48fbfbf']),
  ...judged('U+110000', 1, ['f4908080']),
  ...judged('continuation alone', 0, ['80', 'bf', '80bf', '80bf80', '80bf80bf80bf80']),
  ...judged('continuation after a character', 1, ['4180']),
  ...judged('continuation after a whole character', 2, ['c3a980']),
  ...judged('continuation after a whole character', 4, ['f09f988080']),
  ...judged('start that is none', 0, ['c020', 'c120', 'f520', 'f820', 'fc20', 'fe20', 'ff20']),
  ...judged('start, then a space', 1, [
    'c220',
    'df20',
    'e020',
    'e120',
    'ed20',
    'ef20',
    'f020',
    'f120',
    'f420',
  ]),
  ...judged('second byte, then a space', 2, ['e0a020', 'ed9f20', 'efbf20', 'f09020', 'f48f20']),
  ...judged('third byte, then a space', 3, ['f0908020', 'f48fbf20']),
  ...judged('last byte missing', 'cut', [
    'c2',
    'df',
    'e0a0',
    'efbf',
    'f09080',
    'f48fbf',
    '41e282',
    'f0',
    'e0',
  ]),
  ...judged('last byte missing, and wrong before', 0, ['c0', 'f7bfbf', 'f8808080', 'fc80808080']),
  ...judged('last byte missing, and wrong before', 1, ['e080', 'f08080', 'eda0', 'f490']),
  ...judged('incomplete sequences together', 1, ['dfefbf', 'dfdf']),
  ...judged('incomplete sequences together', 2, ['efbff48fbf', 'e282e282']),
  ...judged('impossible bytes', 0, ['fe', 'ff', 'fefeffff']),
  ...judged('overlong slash', 0, ['c0af', 'f8808080af', 'fc80808080af']),
  ...judged('overlong slash', 1, ['e080af', 'f08080af']),
  ...judged('longest overlong', 0, ['c1bf', 'f887bfbfbf', 'fc83bfbfbfbf']),
  ...judged('longest overlong', 1, ['e09fbf', 'f08fbfbf']),
  ...judged('overlong NUL', 0, ['c080', 'f880808080', 'fc8080808080']),
  ...judged('overlong NUL', 1, ['e08080', 'f0808080']),
  ...judged('surrogate', 1, ['eda080', 'edadbf', 'edae80', 'edafbf', 'edb080', 'edbe80', 'edbfbf']),
  ...judged('pair of surrogates', 1, ['eda080edb080', 'edadbfedb080', 'edafbfedbfbf']),
  ...judged('noncharacter', 'valid', ['efbfbe', 'efbfbf', 'efb790', 'f09fbfbe', 'f48fbfbe']),
  ...judged('byte order mark', 'valid', ['efbbbf', 'efbbbf41']),
  ...judged('bad byte late in a long text', 100, [`${'61'.repeat(100)}ff`]),
  ...judged('bad byte late in a long text', 151, [`${'e282ac'.repeat(50)}e228`]),
];

function judged(title: string, verdict: Utf8Sequence['verdict'], list: readonly string[]): Utf8Sequence[] {
  return list.map((hex) => {
    const name = hex.length > 24 ? `${hex.slice(0, 8)}…${hex.slice(-8)}` : hex;
    return { title: `${title}: ${name}`, bytes: Buffer.from(hex, 'hex'), verdict };
  });
}
