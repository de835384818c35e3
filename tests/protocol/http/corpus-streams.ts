import { HOSTILE, ODD } from './corpus.ts';
import { chunked, get, H, post } from './corpus-row.ts';

/** Rows that are longer say nothing more when they are mixed. */
const LONGEST_ROW = 400;
const ROWS: readonly string[] = [...HOSTILE, ...ODD]
  .map(({ bytes }) => bytes)
  .filter((bytes) => bytes.length <= LONGEST_ROW);

const DAMAGE = [
  '\r',
  '\n',
  '\r\n',
  '\0',
  '\t',
  ' ',
  ':',
  ';',
  ',',
  '"',
  '0',
  '5',
  'a',
  '\x7f',
  '\xff',
  '\r\n\r\n',
];
const METHODS = ['GET', 'HEAD', 'DELETE', 'OPTIONS', 'PURGE'];
const FIELDS = [
  'X: y\r\n',
  'Accept:*/*\r\n',
  'Cookie: a=b; c\r\n',
  'TE: trailers\r\n',
  'X-Long: '.concat('z'.repeat(80), '\r\n'),
];

/**
 * A mixture of pipelined requests with every kind of body, some from the corpus, some damaged, some cut off.
 *
 * @param seed the same one makes the same stream.
 */
export function randomStream(seed: number): Buffer {
  const dice = new Dice(seed);
  const requests = Array.from({ length: 1 + dice.below(4) }, () => randomRequest(dice));
  let stream = requests.join('');
  if (dice.below(3) === 0)
    for (let left = 1 + dice.below(3); left > 0; left--) stream = damaged(stream, dice);
  if (dice.below(6) === 0) stream = stream.slice(0, dice.below(stream.length));
  return Buffer.from(stream, 'latin1');
}

/** The bytes cut into pieces, of their own memory. */
export function randomCuts(bytes: Buffer, dice: Dice): Buffer[] {
  const most = 1 + dice.below(bytes.length + 1);
  const cut: Buffer[] = [];
  for (let at = 0; at < bytes.length; ) {
    const end = at + 1 + dice.below(most);
    cut.push(Buffer.from(bytes.subarray(at, end)));
    at = end;
  }
  return cut;
}

/** Chance that can be repeated: mulberry32. */
export class Dice {
  #state: number;

  constructor(seed: number) {
    this.#state = seed;
  }

  /** A whole number from 0 up to, not including, `limit`. */
  below(limit: number): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * limit);
  }

  of<T>(list: readonly T[]): T {
    return list[this.below(list.length)] as T;
  }
}

function randomRequest(dice: Dice): string {
  const fields = Array.from({ length: dice.below(4) }, () => dice.of(FIELDS)).join('');
  const target = `/${dice.below(1000)}`;
  switch (dice.below(10)) {
    case 0:
      return `${dice.of(METHODS)} ${target} HTTP/1.1\r\n${H}${fields}\r\n`;
    case 1:
      return post(`${fields}Transfer-Encoding: chunked\r\n${expectation(dice)}`, randomChunks(dice));
    case 2:
      return chunked(randomChunks(dice));
    case 3:
    case 4:
      return randomSized(fields, dice);
    case 5:
      return `GET ${target} HTTP/1.0\r\nConnection: keep-alive\r\n${fields}\r\n`;
    case 6:
      return dice.below(4) === 0
        ? get(`${fields}Connection: close\r\n`, target)
        : `\r\n${get(fields, target)}`;
    case 7:
      return dice.of(ROWS);
    default:
      return get(fields, target);
  }
}

function randomSized(fields: string, dice: Dice): string {
  const body = randomText(dice.below(60), dice);
  return post(`${fields}Content-Length: ${body.length}\r\n${expectation(dice)}`, body);
}

function expectation(dice: Dice): string {
  return dice.below(6) === 0 ? 'Expect: 100-continue\r\n' : '';
}

function randomChunks(dice: Dice): string {
  let body = '';
  for (let left = dice.below(4); left > 0; left--) {
    const data = randomText(1 + dice.below(40), dice);
    body += `${data.length.toString(16)}${dice.of(['', '', ';a', ' ; b="c"'])}\r\n${data}\r\n`;
  }
  return `${body}0\r\n${dice.of(['', '', 'T: u\r\n', 'A: b\r\nContent-Length: 3\r\n'])}\r\n`;
}

/** Any bytes, those that end lines and chunks more often than others. */
function randomText(length: number, dice: Dice): string {
  const any = (): string =>
    dice.below(4) === 0 ? dice.of(['\r', '\n', '0', 'G']) : String.fromCharCode(dice.below(256));
  return Array.from({ length }, any).join('');
}

function damaged(stream: string, dice: Dice): string {
  const at = dice.below(stream.length);
  const dropped = dice.below(4);
  const put = dice.below(3) === 0 ? '' : dice.of(DAMAGE);
  return stream.slice(0, at) + put + stream.slice(at + dropped);
}
