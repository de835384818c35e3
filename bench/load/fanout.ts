import { LoadFailure } from './failure.ts';
import { talk, VARIANTS } from './frames.ts';
import type { Link } from './link.ts';
import { Links, type Speech, targetOf } from './links.ts';
import type { LoadOptions } from './options.ts';
import { ReplyStream } from './reply-stream.ts';
import { observe, type Report } from './report.ts';
import { settle } from './settle.ts';

/** The first connection publishes; a message that has reached all connections makes room for the next. */
export async function fanout(options: LoadOptions): Promise<Report> {
  const links = new Links();
  const run = new FanoutRun(options);
  try {
    const opening = await links.open(targetOf(options), options.connections, () => run.speech());
    run.start();
    const report = await links.during(observe(options, { count: () => run.deliveries }));
    await links.during(run.finish());
    return { ...report, opening };
  } finally {
    await links.close();
  }
}

class FanoutRun {
  deliveries = 0;
  published = 0;
  readonly #options: LoadOptions;
  readonly #talk: ReturnType<typeof talk>;
  #publisher: Link | undefined;
  #isSpeaking = false;

  constructor(options: LoadOptions) {
    this.#options = options;
    this.#talk = talk(options);
  }

  speech(): Speech {
    let link: Link | undefined;
    let heard = 0;
    const replies = new ReplyStream(this.#talk, 0, (frame) => link?.send(frame));
    return {
      opened: (opened) => {
        link = opened;
        this.#publisher ??= opened;
      },
      received: (bytes, length) => {
        const count = replies.accept(bytes, length);
        heard += count;
        if (heard > this.published) throw new LoadFailure('more deliveries than messages');
        this.#delivered(count);
      },
    };
  }

  start(): void {
    this.#isSpeaking = true;
    for (let message = 0; message < this.#options.inFlight; message++) this.#publish();
  }

  /** Stops publishing, and sees that every message reaches every connection. */
  async finish(): Promise<void> {
    this.#isSpeaking = false;
    await settle(() => this.#missing(), 'deliveries');
  }

  #delivered(count: number): void {
    this.deliveries += count;
    const { connections, inFlight } = this.#options;
    while (this.#isSpeaking && this.#missing() <= (inFlight - 1) * connections) this.#publish();
  }

  #missing(): number {
    return this.published * this.#options.connections - this.deliveries;
  }

  #publish(): void {
    const frame = this.#talk.requests.run(this.published % VARIANTS, 1);
    this.published += 1;
    this.#publisher?.send(frame);
  }
}
