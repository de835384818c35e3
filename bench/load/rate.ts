import { LoadFailure } from './failure.ts';
import { talk, VARIANTS } from './frames.ts';
import { Histogram } from './histogram.ts';
import type { Link } from './link.ts';
import { Links, type Speech, targetOf } from './links.ts';
import type { LoadOptions } from './options.ts';
import { ReplyStream } from './reply-stream.ts';
import { observe, type Report } from './report.ts';

/**
 * Sends at fixed times, whether or not replies have come: message `n` is due `n / rate` seconds after the
 * start, on connection `n mod connections`. Latency counts from that moment, so a server that stalls pays
 * for every message that was due meanwhile.
 */
export async function rate(options: LoadOptions): Promise<Report> {
  const links = new Links();
  const run = new RateRun(options);
  try {
    const opening = await links.open(targetOf(options), options.connections, (index) => run.speech(index));
    run.start();
    const window = { count: () => run.replies, begins: () => run.begin() };
    const report = await links.during(observe(options, window));
    return { ...report, opening, latency: run.latency() };
  } finally {
    run.stop();
    await links.close();
  }
}

class RateRun {
  replies = 0;
  readonly #options: LoadOptions;
  readonly #talk: ReturnType<typeof talk>;
  readonly #links: Link[] = [];
  readonly #intervalMs: number;
  #microseconds = new Histogram();
  #startMs = 0;
  #sent = 0;
  #isOver = false;

  constructor(options: LoadOptions) {
    this.#options = options;
    this.#talk = talk(options);
    this.#intervalMs = 1000 / options.rate;
  }

  speech(index: number): Speech {
    let heard = 0;
    const replies = new ReplyStream(this.#talk, 0, (frame) => this.#links[index]?.send(frame));
    return {
      opened: (link) => {
        this.#links[index] = link;
      },
      received: (bytes, length) => {
        const count = replies.accept(bytes, length);
        const now = performance.now();
        for (let reply = 0; reply < count; reply++)
          this.#record(now, heard++ * this.#options.connections + index);
        this.replies += count;
      },
    };
  }

  start(): void {
    this.#startMs = performance.now();
    this.#tick();
  }

  /** Forgets what the warm-up brought. */
  begin(): void {
    this.#microseconds = new Histogram();
  }

  stop(): void {
    this.#isOver = true;
  }

  latency(): { p50: number; p99: number; worst: number } {
    const { worst } = this.#microseconds;
    if (worst === 0) throw new LoadFailure('no message came back');
    const [p50, p99] = [this.#microseconds.quantile(0.5) / 1000, this.#microseconds.quantile(0.99) / 1000];
    return { p50, p99, worst: worst / 1000 };
  }

  /** Turns the loop without rest: timers are too coarse for messages 0.1 ms apart. */
  #tick(): void {
    if (this.#isOver) return;
    const due = (performance.now() - this.#startMs) / this.#intervalMs;
    while (this.#sent < due) this.#send(this.#sent++);
    setImmediate(() => this.#tick());
  }

  #send(message: number): void {
    const { connections } = this.#options;
    const turn = Math.floor(message / connections);
    this.#links[message % connections]?.send(this.#talk.requests.run(turn % VARIANTS, 1));
  }

  #record(now: number, message: number): void {
    if (message >= this.#sent) throw new LoadFailure('more replies than messages');
    this.#microseconds.record((now - this.#startMs - message * this.#intervalMs) * 1000);
  }
}
