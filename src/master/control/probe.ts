import type { Sink } from '../../transport/engine.ts';
import { nodeEngine } from '../../transport/node-engine.ts';

/** `dead`: a socket that nobody listens on any more. */
export type Pulse = 'living' | 'dead' | 'missing';

/**
 * Whether somebody listens on a Unix socket. The kernel says so, also for a process that is stopped or busy.
 *
 * @throws what the system says when it is not for us to know: EACCES.
 */
export function probe(path: string): Promise<Pulse> {
  return new Promise((resolve, reject) => {
    const sink: Sink = {
      accepted() {},
      opened(wire) {
        resolve('living');
        wire.destroy();
      },
      received() {},
      ended() {},
      buffered() {},
      closed(_wire, { error }) {
        const { code } = (error ?? {}) as NodeJS.ErrnoException;
        const pulse = hasHungUp(code) ? 'living' : pulseOf(code);
        if (pulse === undefined) reject(error);
        else resolve(pulse);
      },
    };
    nodeEngine.connect({ kind: 'unix', path }, {}, sink);
  });
}

/** Somebody has listened a moment ago, and has left before the connection was accepted. */
export function hasHungUp(code: string | undefined): boolean {
  return code === 'ECONNRESET' || code === 'EPIPE';
}

/**
 * @param code of a connect that failed.
 * @returns undefined when it does not tell.
 */
export function pulseOf(code: string | undefined): Pulse | undefined {
  switch (code) {
    case 'ENOENT':
    case 'ENOTDIR':
      return 'missing';
    case 'ECONNREFUSED':
    case 'ENOTSOCK':
      return 'dead';
    // So many wait to be accepted that there is no room for one more.
    case 'EAGAIN':
      return 'living';
    default:
      return undefined;
  }
}
