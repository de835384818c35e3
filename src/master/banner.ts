import { formatAddress } from '../transport/address.ts';
import type { Post } from './master.ts';

/** A line for each worker: where it serves, and from how many processes. */
export function banner(posts: readonly Post[]): string[] {
  return posts.map(({ worker: { name, address, count, transport }, bound }) => {
    const tls = transport === 'ssl' ? ' with TLS' : '';
    const place =
      address?.place.kind === 'ip'
        ? { ...address.place, port: bound?.port ?? address.place.port }
        : address?.place;
    const where = address && place ? `${address.scheme} on ${formatAddress(place)}${tls}` : 'no address';
    return `worker ${name}: ${where}, ${count} ${count === 1 ? 'process' : 'processes'}`;
  });
}
