import type { SslOptions } from '../../certificates/ssl-options.ts';
import { UsageError } from '../../errors.ts';
import { isLoopback } from '../../transport/address.ts';
import { parseAddress } from '../../worker/address.ts';

/** For programs that are not Node: HTTP and JSON. One process of the service listens. */
export interface DoorOptions {
  /** A port of 127.0.0.1, or `http://host:port`, `https://host:port`. */
  readonly listen: string | number;
  /** Whoever has it may do everything: 16 letters or more. Several are good at the same time, to change it. */
  readonly token: string | readonly string[];
  /** The certificate, for `https://`. */
  readonly ssl?: SslOptions;
  /** Whom its process becomes: the same as the other processes of the cluster. */
  readonly user?: string;
  readonly group?: string;
}

/** Options that were proved. */
export interface DoorPlan {
  readonly address: string;
  readonly tokens: readonly string[];
  /** What is unwise about it. */
  readonly notice: string | undefined;
}

const LEAST_TOKEN = 16;

/** @throws {UsageError} the address cannot be read, or a token is too short. */
export function planDoor({ listen, token }: DoorOptions): DoorPlan {
  const tokens = [token].flat();
  if (tokens.length === 0 || tokens.some((one) => typeof one !== 'string' || one.length < LEAST_TOKEN)) {
    const message = `Gateway.door: a token has ${LEAST_TOKEN} letters or more; openssl rand -hex 32 makes one`;
    throw new UsageError('E_DOOR', message);
  }
  const address = addressOf(listen);
  const { protocol, tls, place } = parseAddress(address);
  if (protocol !== 'http' || place.kind !== 'ip')
    throw new UsageError('E_DOOR', `Gateway.door: listen is a port, http://… or https://…, not ${listen}`);
  const isOpen = !tls && !isLoopback(place.host);
  return { address, tokens, notice: isOpen ? plainNotice(address) : undefined };
}

/** Only this machine, unless the address says otherwise. */
function addressOf(listen: string | number): string {
  if (typeof listen === 'number' || /^\d+$/.test(listen)) return `http://127.0.0.1:${listen}`;
  const text = listen.includes('://') ? listen : `http://${listen}`;
  return text.replace(/:\/\/:/, '://127.0.0.1:');
}

function plainNotice(address: string): string {
  return `the door at ${address} is open to other machines without TLS: whoever is on the way reads the token; use https://`;
}
