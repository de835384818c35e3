import { subscribe } from '../telemetry.ts';

interface Fault {
  readonly error: Error;
  /** The id of the connection that it concerns. */
  readonly connection: number | undefined;
}

/** What callbacks in this process have thrown, and no test has been told of. */
class Faults {
  #untold: Fault[] = [];
  readonly #listeners = new Set<() => void>();
  #users = 0;
  #unsubscribe: () => void = () => {};

  /** Listens for as long as there is somebody who wants to know. @returns how to want it no more. */
  join(): () => void {
    if (this.#users++ === 0)
      this.#unsubscribe = subscribe('usta:handler:failed', (event) =>
        this.#note(event.error, event.connection),
      );
    return () => {
      if (--this.#users > 0) return;
      this.#unsubscribe();
      this.#untold = [];
      this.#listeners.clear();
    };
  }

  /** Calls back whenever there is one more. @returns how to stop it. */
  watch(look: () => void): () => void {
    this.#listeners.add(look);
    return () => this.#listeners.delete(look);
  }

  /** Takes the first that concerns somebody; what belongs to no connection concerns everybody. */
  take(concerns: (connection: number) => boolean): Error | undefined {
    const index = this.#untold.findIndex(
      ({ connection }) => connection === undefined || concerns(connection),
    );
    return index < 0 ? undefined : this.#untold.splice(index, 1)[0]?.error;
  }

  #note(error: unknown, connection: number | undefined): void {
    const known = error instanceof Error ? error : new Error(String(error), { cause: error });
    this.#untold.push({ error: known, connection });
    for (const look of this.#listeners) look();
  }
}

export const faults: Faults = new Faults();
