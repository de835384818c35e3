import { objectionToClient } from '../certificates/client-rule.ts';
import type { Keys } from '../certificates/key-keeper.ts';
import { pairFor } from '../certificates/server-names.ts';
import type { TlsServerOptions } from '../transport/tls-options.ts';

/** What the engine speaks TLS with; ticket keys of `ssl.ticketKeys` come before our own. */
export function serverTls({ certificate: { tls, byName, clients }, ticketKeys }: Keys): TlsServerOptions {
  return {
    ticketKeys,
    ...tls,
    ...(byName.size > 0 && { pairFor: (name) => pairFor(byName, name) }),
    ...(clients && { objectionTo: (chain) => objectionToClient(clients, chain) }),
  };
}
