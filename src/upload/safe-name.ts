/** Longest name that file systems take, in bytes. */
const MOST_BYTES = 255;
/** Controls, what Windows forbids, and what turns the direction of writing around so that a name reads otherwise. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out
const UNSAFE = /[\u0000-\u001f\u007f-\u009f<>:"|?*\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;
const DEVICE = /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i;

/**
 * The last part of a path that somebody has sent, fit to be the name of a file in a directory of yours:
 * never empty, never hidden, never a way out of it.
 */
export function safeName(sent: string): string {
  const base = sent.split(/[/\\]/).at(-1) ?? '';
  const plain = base
    .normalize('NFC')
    .replace(UNSAFE, '')
    .replace(/^[.\s]+|[.\s]+$/g, '');
  if (plain === '') return 'file';
  return shortened(DEVICE.test(plain) ? `_${plain}` : plain);
}

/** Keeps the ending, by which files are told apart. */
function shortened(name: string): string {
  if (Buffer.byteLength(name) <= MOST_BYTES) return name;
  const ending = /\.[\w-]{1,16}$/.exec(name)?.[0] ?? '';
  let stem = '';
  let length = ending.length;
  for (const character of name) {
    length += Buffer.byteLength(character);
    if (length > MOST_BYTES) break;
    stem += character;
  }
  return stem + ending;
}
