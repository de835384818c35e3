type Listener<Value> = (value: Value) => void;

/** Who wants to hear what, by name. */
export class Listeners<Events> {
  readonly #byName = new Map<keyof Events, Set<Listener<never>>>();

  /** @returns how to stop hearing. */
  on<Name extends keyof Events>(name: Name, listener: Listener<Events[Name]>): () => void {
    const listeners = this.#byName.get(name) ?? new Set();
    this.#byName.set(name, listeners);
    const own: Listener<Events[Name]> = (value) => listener(value);
    listeners.add(own);
    return () => listeners.delete(own);
  }

  /** One that throws concerns no other: its error is an uncaught one, as with the platform's own events. */
  emit<Name extends keyof Events>(name: Name, value: Events[Name]): void {
    const listeners = this.#byName.get(name) ?? new Set();
    for (const listener of [...listeners] as Listener<Events[Name]>[]) {
      if (listeners.has(listener)) contained(() => listener(value));
    }
  }
}

/** @returns what `act` does; when it throws, `otherwise`, and the error is an uncaught one. */
export function contained<Result>(act: () => Result, otherwise?: Result): Result | undefined {
  try {
    return act();
  } catch (error) {
    queueMicrotask(() => {
      throw error;
    });
    return otherwise;
  }
}
