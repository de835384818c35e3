import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { adoptUpgrade, giveBack, Refusal, refuseUpgrade } from './adopted-wire.ts';
import type { Sink } from './engine.ts';

type UpgradeListener = (request: IncomingMessage, socket: Duplex, head: Buffer) => void;

/** A server of Node's HTTP, HTTPS or what is built on them, as far as upgrades are concerned. */
export interface UpgradeServer {
  on(event: 'upgrade', listener: UpgradeListener): unknown;
  off(event: 'upgrade', listener: UpgradeListener): unknown;
  listenerCount(event: 'upgrade'): number;
  emit(event: string, ...values: unknown[]): boolean;
  address(): unknown;
}

/** Who takes upgrades of a server. */
export interface UpgradeTaker {
  /** The paths it takes them on, without query; `undefined` for all that nobody else takes. */
  readonly paths: ReadonlySet<string> | undefined;
  /** It has no room: upgrades are answered 503. */
  readonly isFull: boolean;
  /** Who hears of the wires; each begins with the request, as it was sent. */
  readonly sink: Sink;
}

const rosters = new WeakMap<UpgradeServer, Roster>();

/**
 * Takes upgrades of a server to WebSocket from here on.
 *
 * @returns how to stop; `undefined` when another taker of this server has such a path.
 */
export function takeUpgrades(server: UpgradeServer, taker: UpgradeTaker): (() => void) | undefined {
  const roster = rosters.get(server) ?? new Roster(server);
  rosters.set(server, roster);
  return roster.add(taker) ? () => roster.delete(taker) : undefined;
}

/** All who take upgrades of one server. What none of them wants is left to other listeners, where there are any. */
class Roster {
  readonly #server: UpgradeServer;
  readonly #takers = new Set<UpgradeTaker>();
  readonly #receive: UpgradeListener = (request, socket, head) => this.#upgrade(request, socket, head);

  constructor(server: UpgradeServer) {
    this.#server = server;
  }

  add(taker: UpgradeTaker): boolean {
    if ([...this.#takers].some((other) => overlap(taker.paths, other.paths))) return false;
    if (this.#takers.size === 0) this.#server.on('upgrade', this.#receive);
    this.#takers.add(taker);
    return true;
  }

  delete(taker: UpgradeTaker): void {
    if (this.#takers.delete(taker) && this.#takers.size === 0) this.#server.off('upgrade', this.#receive);
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const alone = this.#server.listenerCount('upgrade') === 1;
    if (!isToWebSocket(request)) {
      if (alone) giveBack(this.#server, request, { socket, head });
      return;
    }
    const taker = this.#takerOf(request) ?? (alone ? [...this.#takers][0] : undefined);
    if (taker?.isFull) refuseUpgrade(socket, Refusal.unavailable);
    else if (taker) adoptUpgrade(request, { socket, head, local: this.#server.address() }, taker.sink);
  }

  #takerOf({ url = '' }: IncomingMessage): UpgradeTaker | undefined {
    const [path = ''] = url.split('?', 1);
    const all = [...this.#takers];
    return all.find(({ paths }) => paths?.has(path)) ?? all.find(({ paths }) => paths === undefined);
  }
}

function overlap(one: UpgradeTaker['paths'], other: UpgradeTaker['paths']): boolean {
  if (one === undefined || other === undefined) return one === other;
  return [...one].some((path) => other.has(path));
}

/** @see RFC 9110 §7.8 — Upgrade: a list of protocols, whose names are compared without regard to case */
function isToWebSocket({ headers }: IncomingMessage): boolean {
  const names = (headers.upgrade ?? '').toLowerCase().split(',');
  return names.some((name) => name.trim() === 'websocket');
}
