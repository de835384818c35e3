import { LoadFailure } from './failure.ts';
import { type Talk, talk } from './frames.ts';
import type { Link } from './link.ts';
import { Links, type Speech, targetsOf } from './links.ts';
import type { LoadOptions } from './options.ts';
import { Publisher } from './publisher.ts';
import { ReplyStream } from './reply-stream.ts';
import { observe, type Report, sleep, type Window } from './report.ts';
import { settle } from './settle.ts';

/** Until every process of the server knows who is in the group, in seconds. */
const ACQUAINTANCE = 0.2;

/** Another process of the server publishes; a message that has reached all connections makes room for the next. */
export function group(options: LoadOptions): Promise<Report> {
  return publishing(options, (run) => {
    const { connections, inFlight } = options;
    const publish = (): void => {
      while (run.isSpeaking && run.missing <= (inFlight - 1) * connections) run.publish(1);
    };
    run.delivered = publish;
    return { start: publish };
  });
}

/** When messages are published, and what is to be reported besides. */
export interface Pace {
  start(): void;
  /** The warm-up is over. */
  begins?(): void;
  report?(): Partial<Report>;
}

/** Opens all connections, publishes at a pace, and sees that every message reaches every connection. */
export async function publishing(options: LoadOptions, paced: (run: GroupRun) => Pace): Promise<Report> {
  const links = new Links();
  const words = talk(options);
  const publisher = await Publisher.reach(options.host, options.control, words);
  publisher.failure.catch((error: Error) => links.fail(error));
  const run = new GroupRun(options, words, publisher);
  const pace = paced(run);
  try {
    const opening = await links.open(targetsOf(options), options.connections, () => run.speech());
    await sleep(ACQUAINTANCE);
    run.isSpeaking = true;
    pace.start();
    const window: Window = { count: () => run.deliveries, begins: () => pace.begins?.() };
    const report = await links.during(observe(options, window));
    await links.during(run.finish());
    return { ...report, opening, ...pace.report?.() };
  } finally {
    run.isSpeaking = false;
    publisher.leave();
    await links.close();
  }
}

export class GroupRun {
  deliveries = 0;
  published = 0;
  isSpeaking = false;
  /** Called after each read: `count` messages from number `first` on have reached one connection. */
  delivered: (first: number, count: number) => void = () => undefined;
  readonly #connections: number;
  readonly #talk: Talk;
  readonly #publisher: Publisher;

  constructor({ connections }: LoadOptions, words: Talk, publisher: Publisher) {
    this.#connections = connections;
    this.#talk = words;
    this.#publisher = publisher;
  }

  /** Deliveries that are still to come. */
  get missing(): number {
    return this.published * this.#connections - this.deliveries;
  }

  publish(count: number): void {
    this.published += count;
    this.#publisher.publish(count);
  }

  speech(): Speech {
    let link: Link | undefined;
    let heard = 0;
    const replies = new ReplyStream(this.#talk, 0, (frame) => link?.send(frame));
    return {
      opened: (opened) => {
        link = opened;
      },
      received: (bytes, length) => {
        const count = replies.accept(bytes, length);
        if (heard + count > this.published) throw new LoadFailure('more deliveries than messages');
        this.deliveries += count;
        this.delivered(heard, count);
        heard += count;
      },
    };
  }

  async finish(): Promise<void> {
    this.isSpeaking = false;
    await settle(() => this.missing, 'deliveries');
    if (this.deliveries === 0) throw new LoadFailure('no message was published');
  }
}
