import { connect, type Socket } from 'node:net';
import { within } from './deadline.ts';

/** How an attempt to connect ended. */
export type Reach =
  | { readonly kind: 'open'; readonly socket: Socket }
  | { readonly kind: 'refused' | 'filtered' | 'unreachable' | 'failed'; readonly error: string };

/** It could be on any link (RFC 4007 §6). Node 20 refuses it so; newer ones try one interface and hear nothing. */
const LINK_LOCAL_WITHOUT_INTERFACE = /^fe[89ab][0-9a-f]:[^%]*$/i;

/** Opens one TCP connection to an address. */
export async function reach(address: string, port: number, milliseconds: number): Promise<Reach> {
  if (LINK_LOCAL_WITHOUT_INTERFACE.test(address)) return { kind: 'failed', error: 'EINVAL' };
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
