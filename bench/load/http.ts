import { LoadFailure } from './failure.ts';
import type { Link } from './link.ts';
import { Links, type Speech, targetOf } from './links.ts';
import type { LoadOptions } from './options.ts';
import { observe, type Report } from './report.ts';

const BODY = 'Hello, World!';

/** `GET` on kept-alive connections, one request at a time on each. */
export async function http(options: LoadOptions): Promise<Report> {
  const links = new Links();
  const run = { answers: 0, isOver: false };
  const request = Buffer.from(
    `GET ${options.path} HTTP/1.1\r\nHost: ${options.host}:${options.port}\r\n\r\n`,
  );
  try {
    const opening = await links.open(targetOf(options), options.connections, () => speech(request, run));
    for (const link of links.all) link.send(request);
    const report = await links.during(observe(options, { count: () => run.answers }));
    if (report.messages === 0) throw new LoadFailure('no answer came back');
    return { ...report, opening };
  } finally {
    run.isOver = true;
    await links.close();
  }
}

function speech(request: Buffer, run: { answers: number; isOver: boolean }): Speech {
  const answer = new Answer();
  let link: Link | undefined;
  return {
    opened: (opened) => {
      link = opened;
    },
    received: (bytes, length) => {
      if (!answer.push(bytes, length)) return;
      run.answers += 1;
      if (!run.isOver) link?.send(request);
    },
  };
}

/**
 * One answer after another. An answer equal to the one before it, byte by byte, is as right as that was;
 * any other (the date in it changes once a second) is read with care.
 */
export class Answer {
  #before: Buffer = Buffer.alloc(0);
  #bytes: Buffer = Buffer.alloc(0);

  /**
   * @returns whether the answer is complete.
   * @throws {LoadFailure} when it is not `200` with the expected body.
   */
  push(bytes: Buffer, length: number): boolean {
    const { length: before } = this.#before;
    const alone = this.#bytes.length === 0;
    if (alone && length === before && this.#before.compare(bytes, 0, length) === 0) return true;
    this.#bytes = Buffer.concat([this.#bytes, bytes.subarray(0, length)]);
    if (!isComplete(this.#bytes)) return false;
    this.#before = this.#bytes;
    this.#bytes = Buffer.alloc(0);
    return true;
  }
}

function isComplete(bytes: Buffer): boolean {
  const text = bytes.toString('latin1');
  const end = text.indexOf('\r\n\r\n');
  if (end < 0) return false;
  if (!text.startsWith('HTTP/1.1 200 '))
    throw new LoadFailure(`the server answered ${text.split('\r\n')[0]}`);
  const length = /\r\ncontent-length: *(\d+)\r\n/i.exec(text.slice(0, end + 2))?.[1];
  if (Number(length) !== BODY.length) throw new LoadFailure(`the server sent a body of ${length} bytes`);
  const body = text.slice(end + 4);
  if (body.length < BODY.length) return false;
  if (body !== BODY) throw new LoadFailure(`the server sent "${body}" instead of "${BODY}"`);
  return true;
}
