import { after } from '../timer.ts';
import type { BaseWorker } from '../worker/worker.ts';
import type { SlotProcess } from './slot-process.ts';

/** Changes are collected for so long: processes tell theirs at different moments. */
const PAUSE_MS = 50;

/**
 * Tells the processes of each worker how many connections they have on average, so that those with more let
 * the others have the next.
 */
export class Shares {
  readonly #crew: (worker: BaseWorker) => readonly SlotProcess[];
  readonly #changed = new Set<BaseWorker>();

  /** @param crew the processes that serve a worker. */
  constructor(crew: (worker: BaseWorker) => readonly SlotProcess[]) {
    this.#crew = crew;
  }

  changed(worker: BaseWorker): void {
    if (worker.count === 1) return;
    if (this.#changed.size === 0) after(PAUSE_MS, () => this.#tellAll());
    this.#changed.add(worker);
  }

  #tellAll(): void {
    const changed = [...this.#changed];
    this.#changed.clear();
    for (const worker of changed) {
      const crew = this.#crew(worker);
      const sum = crew.reduce((total, { load }) => total + load, 0);
      for (const process of crew) process.share(sum / crew.length);
    }
  }
}
