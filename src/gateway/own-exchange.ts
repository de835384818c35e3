import { leaveBus, ownBus } from '../bus/join.ts';
import { publish } from '../telemetry.ts';
import { reportBus } from '../worker/reporter.ts';
import { Exchange } from './exchange.ts';

let ready: Exchange | undefined;
let asked: Promise<Exchange> | undefined;
/** Orders that were given before this process was on the bus. */
let waiting: ((exchange: Exchange) => void)[] = [];
const MAX_WAITING = 10_000;

/** The exchange of this process, on its bus. @throws {UstaError} it cannot be joined: why. */
export function ownExchange(): Promise<Exchange> {
  asked ??= open();
  return asked;
}

/** As it is now: undefined before this process is on the bus. */
export function presentExchange(): Exchange | undefined {
  return ready;
}

/** Carries out now, or as soon as this process is on the bus, in order. */
export function withExchange(act: (exchange: Exchange) => void): void {
  if (ready) return act(ready);
  if (waiting.length >= MAX_WAITING) return publish('usta:bus:lost', { count: 1, loss: 'cut' });
  if (waiting.push(act) > 1) return;
  ownExchange().catch((error: Error) => {
    publish('usta:bus:lost', { count: waiting.length, loss: 'cut' });
    waiting = [];
    publish('usta:notice', { text: `the bus cannot be joined: ${error.message}` });
  });
}

/** Workers of this process that are on the bus. */
let users = 0;

/** The exchange, until `releaseExchange()` was called as often. @throws as `ownExchange`. */
export async function useExchange(): Promise<Exchange> {
  const exchange = await ownExchange();
  users++;
  return exchange;
}

/** The last one to leave takes this process off the bus. */
export async function releaseExchange(): Promise<void> {
  if (--users > 0) return;
  ready = undefined;
  asked = undefined;
  await leaveBus();
}

async function open(): Promise<Exchange> {
  try {
    const exchange = new Exchange(await ownBus());
    reportBus(() => {
      const { counts, members } = exchange.bus;
      const lost = { ...counts.lost, unhandled: exchange.lostEvents };
      return { ...counts, lost, members: members.size + 1, clients: exchange.registry.clients.size };
    });
    for (const act of waiting) act(exchange);
    waiting = [];
    ready = exchange;
    return exchange;
  } catch (error) {
    asked = undefined;
    throw error;
  }
}
