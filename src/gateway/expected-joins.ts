import { now } from '../timer.ts';

/** After so long a subscription is in force everywhere, or never will be. */
const KEPT_MS = 5_000;

/**
 * Whom this process has just made a subscriber of a topic: its next message to the topic shall not be faster than
 * the news of the subscription.
 */
export class ExpectedJoins {
  readonly #nodes = new Map<string, Map<string, number>>();

  add(topic: string, node: string): void {
    this.#forgetOld();
    const nodes = this.#nodes.get(topic) ?? new Map<string, number>();
    nodes.set(node, now());
    // Moved to the end: the oldest come first.
    this.#nodes.delete(topic);
    this.#nodes.set(topic, nodes);
  }

  of(topics: readonly string[]): ReadonlySet<string> {
    if (this.#nodes.size === 0) return NOBODY;
    this.#forgetOld();
    const expected = new Set<string>();
    for (const topic of topics) for (const node of this.#nodes.get(topic)?.keys() ?? []) expected.add(node);
    return expected;
  }

  #forgetOld(): void {
    const oldest = now() - KEPT_MS;
    for (const [topic, nodes] of this.#nodes) {
      for (const [node, at] of nodes) if (at < oldest) nodes.delete(node);
      if (nodes.size > 0) break;
      this.#nodes.delete(topic);
    }
  }
}

const NOBODY: ReadonlySet<string> = new Set();
