import { LoadFailure } from './failure.ts';
import { type Talk, talk, VARIANTS } from './frames.ts';
import type { Link } from './link.ts';
import { Links, type Speech, targetOf } from './links.ts';
import type { LoadOptions } from './options.ts';
import { ReplyStream } from './reply-stream.ts';
import { observe, type Report } from './report.ts';
import { settle } from './settle.ts';

/** Every connection keeps `inFlight` messages under way; a reply is answered with the next message at once. */
export async function echo(options: LoadOptions): Promise<Report> {
  const links = new Links();
  const run = new EchoRun(options);
  try {
    const opening = await links.open(targetOf(options), options.connections, (index) => run.speech(index));
    run.start();
    const report = await links.during(observe(options, { count: () => run.messages }));
    await links.during(run.finish());
    return { ...report, opening };
  } finally {
    await links.close();
  }
}

class EchoRun {
  messages = 0;
  isSpeaking = false;
  readonly inFlight: number;
  readonly talk: Talk;
  /**
   * Node hands over TLS records one by one. Answering each alone would make small writes that a generator
   * reading the whole socket does not make, so replies are answered together at the end of the turn.
   */
  readonly answersPerTurn: boolean;
  readonly #speeches: EchoSpeech[] = [];
  readonly #owing: EchoSpeech[] = [];

  constructor(options: LoadOptions) {
    this.inFlight = options.inFlight;
    this.talk = talk(options);
    this.answersPerTurn = options.tls && options.inFlight > 1;
  }

  speech(index: number): EchoSpeech {
    const speech = new EchoSpeech(this, index % VARIANTS);
    this.#speeches.push(speech);
    return speech;
  }

  start(): void {
    this.isSpeaking = true;
    for (const speech of this.#speeches) speech.speak(this.inFlight);
  }

  speakLater(speech: EchoSpeech): void {
    if (this.#owing.push(speech) === 1) setImmediate(() => this.#speakNow());
  }

  /** Stops speaking, and sees that every message sent gets its reply. */
  async finish(): Promise<void> {
    this.isSpeaking = false;
    await settle(() => this.#missing(), 'replies');
    if (this.messages === 0) throw new LoadFailure('no message came back');
  }

  #speakNow(): void {
    for (const speech of this.#owing) speech.speakOwed();
    this.#owing.length = 0;
  }

  #missing(): number {
    return this.#speeches.reduce((total, speech) => total + speech.awaited, 0);
  }
}

/** One connection of the run. */
class EchoSpeech implements Speech {
  awaited = 0;
  readonly #run: EchoRun;
  readonly #replies: ReplyStream;
  #link: Link | undefined;
  #next: number;
  #owed = 0;

  constructor(run: EchoRun, first: number) {
    this.#run = run;
    this.#next = first;
    this.#replies = new ReplyStream(run.talk, first, (frame) => this.#link?.send(frame));
  }

  opened(link: Link): void {
    this.#link = link;
  }

  received(bytes: Buffer, length: number): void {
    const count = this.#replies.accept(bytes, length);
    if (count === 0) return;
    this.awaited -= count;
    if (this.awaited < 0) throw new LoadFailure('more replies than messages');
    this.#run.messages += count;
    if (!this.#run.isSpeaking) return;
    if (this.#run.answersPerTurn) this.#owe(count);
    else this.speak(count);
  }

  /** Sends the next `count` messages in one write. */
  speak(count: number): void {
    this.awaited += count;
    const run = this.#run.talk.requests.run(this.#next, count);
    this.#next = (this.#next + count) % VARIANTS;
    this.#link?.send(run);
  }

  speakOwed(): void {
    const count = this.#owed;
    this.#owed = 0;
    if (this.#run.isSpeaking) this.speak(count);
  }

  #owe(count: number): void {
    if (this.#owed === 0) this.#run.speakLater(this);
    this.#owed += count;
  }
}
