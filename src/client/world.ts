/** What happens to the page that a client lives in. */
export type PageNews = 'online' | 'offline' | 'shown' | 'hidden';

/** What a client knows of its surroundings; tests hold it still. */
export interface World {
  /** Milliseconds; never goes back. */
  now(): number;
  /** Calls back once. @returns how to call it off. */
  after(milliseconds: number, callback: () => void): () => void;
  /** 0 to below 1. */
  random(): number;
  isOffline(): boolean;
  /** Tells what happens to the page from now on. @returns how to stop. */
  watch(tell: (news: PageNews) => void): () => void;
}

/** The part of a browser that matters here; Node, workers and native shells have less of it, or nothing. */
interface Browser extends Partial<Source> {
  readonly navigator?: { readonly onLine?: boolean };
  readonly location?: { readonly hostname: string };
  readonly document?: Partial<Source> & { readonly visibilityState?: string };
}

interface Source {
  addEventListener(type: string, listener: () => void): void;
  removeEventListener(type: string, listener: () => void): void;
}

const browser = globalThis as Browser;
/** More is taken for "now" by every runtime. */
const LONGEST_MS = 2 ** 31 - 1;
/** A page from this machine may well be served while the network is away. */
const HERE = /^(localhost|127\..*|\[::1\])$/;

export const realWorld: World = {
  now: () => performance.now(),
  random: Math.random,
  isOffline: () => browser.navigator?.onLine === false && !HERE.test(browser.location?.hostname ?? ''),

  after(milliseconds, callback) {
    const timer = setTimeout(callback, Math.min(milliseconds, LONGEST_MS));
    return () => clearTimeout(timer);
  },

  watch(tell) {
    const { document } = browser;
    const looked = (): void => {
      if (document?.visibilityState === 'visible') tell('shown');
    };
    const stops = [
      hear(browser, 'online', () => tell('online')),
      hear(browser, 'offline', () => tell('offline')),
      hear(browser, 'pageshow', () => tell('shown')),
      hear(browser, 'pagehide', () => tell('hidden')),
      hear(document, 'freeze', () => tell('hidden')),
      hear(document, 'resume', looked),
      hear(document, 'visibilitychange', looked),
    ];
    return () => {
      for (const stop of stops) stop();
    };
  },
};

function hear(source: Partial<Source> | undefined, type: string, listener: () => void): () => void {
  source?.addEventListener?.(type, listener);
  return () => source?.removeEventListener?.(type, listener);
}
