/** What sections 12 and 13 send: five kinds of content, the same in every run. */

export interface Content {
  readonly name: string;
  readonly isBinary: boolean;
  /** Whether every sane compressor makes a message of some KiB smaller. */
  readonly isCompressible: boolean;
  /** The `size` characters or octets that begin at `start`; behind the end comes the beginning. */
  slice(start: number, size: number): Buffer;
}

/** Octets of each content: more than the largest message, and no multiple of any. */
const LENGTH = 200_003;

const WORDS =
  'der die und ich nicht ein zu in das wie so mit ist sie er was für doch mir auf über Müh Glück'.split(' ');

export const JSON_DATA: Content = ofText('JSON', jsonText);

/** In the order of the groups 12.1 to 12.5. */
export const CONTENTS: readonly Content[] = [
  JSON_DATA,
  ofOctets('bitmap', true, bitmapOctets),
  ofOctets('plain text as binary', true, () => Buffer.from(sentences(LENGTH), 'latin1')),
  ofText('HTML', htmlText),
  ofOctets('almost random octets', false, documentOctets),
];

function ofText(name: string, make: () => string): Content {
  const content = lazy(make);
  return { name, isBinary: false, isCompressible: true, slice };

  function slice(start: number, size: number): Buffer {
    const from = start % content().length;
    const end = content().slice(from, from + size);
    return Buffer.from(end + content().slice(0, size - end.length));
  }
}

function ofOctets(name: string, isCompressible: boolean, make: () => Buffer): Content {
  const content = lazy(make);
  return { name, isBinary: true, isCompressible, slice };

  function slice(start: number, size: number): Buffer {
    const from = start % content().length;
    const end = content().subarray(from, from + size);
    return Buffer.concat([end, content().subarray(0, size - end.length)]);
  }
}

function jsonText(): string {
  const random = randomNumbers(1);
  return repeated((index) => {
    const entry = {
      behavior: random() < 0.9 ? 'OK' : 'HATALI',
      duration: Math.floor(random() * 5000),
      name: words(random, 3),
      report: `case_${index}_${Math.floor(random() * 1000)}.json`,
      şehir: random() < 0.5 ? 'İzmir' : '北京',
    };
    return `${JSON.stringify(entry, null, 2)},\n`;
  });
}

function htmlText(): string {
  const random = randomNumbers(2);
  return repeated(
    (index) => `<li id="item-${index}"><a href="/page/${index}">${words(random, 6)}</a> € ${index}</li>\n`,
  );
}

function sentences(length: number): string {
  const random = randomNumbers(3);
  return repeated(() => `${words(random, 8)},\n`).slice(0, length);
}

/** A grey picture: a slope with noise. */
function bitmapOctets(): Buffer {
  const random = randomNumbers(4);
  return Buffer.from(Array.from({ length: LENGTH }, (_, index) => (index % 512) / 4 + random() * 6));
}

/** Mostly compressed already, with some structure between, as in a PDF. */
function documentOctets(): Buffer {
  const random = randomNumbers(5);
  const octets = Buffer.from(Array.from({ length: LENGTH }, () => random() * 256));
  for (let at = 0; at + 64 < LENGTH; at += 5_000)
    octets.write(`\nendstream endobj ${at} 0 obj stream\n`, at, 'latin1');
  return octets;
}

function repeated(line: (index: number) => string): string {
  let text = '';
  for (let index = 0; text.length < LENGTH; index++) text += line(index);
  return text;
}

function words(random: () => number, count: number): string {
  return Array.from({ length: count }, () => WORDS[Math.floor(random() * WORDS.length)]).join(' ');
}

/** Numbers in [0, 1), the same for the same seed (a linear congruential generator). */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 0x1_0000_0000;
  };
}

function lazy<Value>(make: () => Value): () => Value {
  let made: { readonly value: Value } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
