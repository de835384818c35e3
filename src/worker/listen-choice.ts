import type { Keys } from '../certificates/key-keeper.ts';
import { SystemError } from '../errors.ts';
import type { Engine } from '../transport/engine.ts';
import { premises } from './premises.ts';

/** How a worker listens when the usual way is not wanted. */
export interface ListenChoice {
  readonly engine?: Engine;
  /** A socket that the master has bound. */
  readonly bound?: unknown;
  /** Asks the master for that socket once more. */
  readonly rebind?: () => Promise<unknown>;
  /** True lets other processes of the service have the next connection. */
  readonly hasEnough?: () => boolean;
  /** What the master has read of `ssl`, and will renew; without it the files are read and watched here. */
  readonly keys?: Keys;
  /** Processes that serve this worker, to share out `maxBuffered`. */
  readonly processes?: number;
}

/** One of several processes that all try to have an address is told how they can. */
export function explained(error: unknown): unknown {
  const { processes } = premises;
  if (!(error instanceof SystemError) || error.code !== 'EADDRINUSE' || processes < 2) return error;
  const hint = `each of ${processes} processes tries to: reusePort: true lets them share it, or take another port for each, as port + worker.id`;
  return new SystemError(error.code, `${error.message}; ${hint}`, { cause: error });
}
