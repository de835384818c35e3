import { connect, type Socket } from 'node:net';
import { within } from './deadline.ts';

/** How an attempt to connect ended. */
export type Reach =
  | { readonly kind: 'open'; readonly socket: Socket }
  | { readonly kind: 'refused' | 'filtered' | 'unreachable' | 'failed'; readonly error: string };

/** Opens one TCP connection to an address. */
export async function reach(address: string, port: number, milliseconds: number): Promise<Reach> {
  const socket = connect({ host: address, port, allowHalfOpen: true });
  const outcome = new Promise<Reach>((resolve) => {
    socket.once('connect', () => resolve({ kind: 'open', socket }));
    socket.on('error', (error: NodeJS.ErrnoException) => resolve(failure(error)));
  });
  const reached = await within(milliseconds, outcome, { kind: 'filtered', error: 'timeout' } as const);
  if (reached.kind !== 'open') socket.destroy();
  return reached;
}

function failure(error: NodeJS.ErrnoException): Reach {
  const code = error.code ?? error.message;
  if (code === 'ECONNREFUSED') return { kind: 'refused', error: code };
  if (code === 'ETIMEDOUT') return { kind: 'filtered', error: code };
  if (['ENETUNREACH', 'EHOSTUNREACH', 'EADDRNOTAVAIL', 'ENETDOWN', 'EHOSTDOWN'].includes(code)) {
    return { kind: 'unreachable', error: code };
  }
  return { kind: 'failed', error: code };
}
