import { pathsOf, type UpgradeOptions } from '../connection/upgrade-desk.ts';
import { UsageError } from '../errors.ts';
import type { Address } from '../transport/address.ts';
import type { Listener, Sink } from '../transport/engine.ts';
import { takeUpgrades, type UpgradeServer, type UpgradeTaker } from '../transport/upgrades.ts';

const NOWHERE: Address = { kind: 'ip', host: '', port: 0 };

/** The servers of others whose upgrades a worker takes: to its door, a listener like any other. */
export class Attachments implements Listener, UpgradeTaker {
  readonly address: Address = NOWHERE;
  readonly paths: ReadonlySet<string> | undefined;
  readonly sink: Sink;
  isFull = false;
  readonly #servers = new Map<UpgradeServer, () => void>();

  /** @param sink hears of the wires. */
  constructor(path: UpgradeOptions['path'], sink: Sink) {
    this.paths = pathsOf(path);
    this.sink = sink;
  }

  /** @throws {UsageError} the server's upgrades are taken already, by this worker or one with the same path. */
  add(server: UpgradeServer): void {
    const leave = takeUpgrades(server, this);
    if (leave) this.#servers.set(server, leave);
    else
      throw new UsageError(
        'E_ATTACHED',
        'a worker takes these upgrades of the server already; attach each once, and give workers of one server paths of their own',
      );
  }

  /** @param server all of them without one. */
  delete(server?: UpgradeServer): void {
    for (const [one, leave] of this.#servers) {
      if (server !== undefined && one !== server) continue;
      leave();
      this.#servers.delete(one);
    }
  }

  pause(): void {
    this.isFull = true;
  }

  resume(): void {
    this.isFull = false;
  }

  /** TLS is the servers' own. */
  renew(): void {}

  async close(): Promise<void> {
    this.delete();
  }
}
