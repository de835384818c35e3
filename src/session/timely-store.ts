import { SystemError } from '../errors.ts';
import { after } from '../timer.ts';
import type { SessionStore, SessionWrite, StoredSession } from './session-store.ts';

/** Whatever a store does, it has so long for it: a request that waits for a session is not left hanging. */
const MOST_MS = 5000;

/** A store whose answers come in time, or are an error. */
export class TimelyStore implements SessionStore {
  readonly #store: SessionStore;

  constructor(store: SessionStore) {
    this.#store = store;
  }

  load(key: string): Promise<StoredSession | undefined> {
    return inTime(this.#store.load(key));
  }

  save(key: string, text: string, write: SessionWrite): Promise<boolean> {
    return inTime(this.#store.save(key, text, write));
  }

  touch(key: string, seconds: number): Promise<void> {
    return inTime(this.#store.touch(key, seconds));
  }

  delete(key: string): Promise<void> {
    return inTime(this.#store.delete(key));
  }

  async close(): Promise<void> {
    await this.#store.close?.();
  }
}

function inTime<Result>(answer: Promise<Result>): Promise<Result> {
  return new Promise((resolve, reject) => {
    const late = new SystemError(
      'E_SESSION_STORE',
      `the store of sessions has not answered within ${MOST_MS / 1000} s`,
    );
    const callOff = after(MOST_MS, () => reject(late));
    answer.then(resolve, reject).finally(callOff);
  });
}
