import { hostname, networkInterfaces } from 'node:os';
import process from 'node:process';
import { developmentCertificate } from '../../certificates/development.ts';
import { isLoopback } from '../../transport/address.ts';
import type { WorkerOptions } from '../../worker/options.ts';
import type { BaseWorker } from '../../worker/worker.ts';

/** Whether this service was started by `usta dev`. */
export function isDevelopment(): boolean {
  return process.env.USTA_DEV === '1';
}

/**
 * Gives workers what `usta dev` promises, in every process of the service before it listens: only pages of this
 * machine may open a WebSocket, and TLS without a certificate has one of the development CA.
 *
 * @param keys whether certificates are read in this process.
 * @returns a line for the person for each certificate.
 */
export async function equipForDevelopment(workers: readonly BaseWorker[], keys: boolean): Promise<string[]> {
  const said: string[] = [];
  for (const worker of workers) {
    give(worker, { origins: worker.options.origins ?? new OwnOrigins() });
    const { ssl, acme } = worker.options;
    if (!keys || worker.transport !== 'ssl' || ssl !== undefined || acme !== undefined) continue;
    const { cert, key, caFile } = await developmentCertificate();
    give(worker, { ssl: { cert, key } });
    said.push(
      `worker ${worker.name} has a certificate for development; browsers trust it after usta cert dev --install (${caFile})`,
    );
  }
  return said;
}

/** What the user has given stays as it is: it may be shared, or frozen. */
function give(worker: BaseWorker, options: WorkerOptions): void {
  (worker as { options: WorkerOptions }).options = { ...worker.options, ...options } as WorkerOptions;
}

/**
 * The origins of this machine, on any port: its names and addresses of the moment, which no list could hold. A
 * page of the internet that leads its own name to 127.0.0.1 is none of them.
 */
class OwnOrigins extends Array<string> {
  override includes(origin: string): boolean {
    if (!URL.canParse(origin)) return false;
    const { protocol, hostname: host } = new URL(origin);
    return /^https?:$/.test(protocol) && isOwnHost(host);
  }
}

function isOwnHost(host: string): boolean {
  if (isLoopback(host) || host.endsWith('.localhost')) return true;
  const name = hostname().toLowerCase();
  if (host === name || host === `${name.replace(/\.local$/, '')}.local`) return true;
  const bare = host.replace(/^\[|\]$/g, '');
  return Object.values(networkInterfaces()).some((all) => all?.some(({ address }) => address === bare));
}
