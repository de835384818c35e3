import type { TcpConnection } from '../connection/tcp-connection.ts';
import { after, Timer } from '../timer.ts';
import type { House } from './house.ts';

/** How a worker leaves its connections. */
export interface Departure {
  /** The close code for WebSockets: 1001 when the service stops, 1012 when another process goes on. */
  readonly code: number;
  /** Connections that are told in a second; without it all at once. */
  readonly rate?: number;
  /**
   * Another process serves on, so nobody is hurried: handshakes under way are finished, and idle HTTP
   * connections stay for the answer to their next request, which closes them, or to the end.
   */
  readonly lingering?: boolean;
  /** Seconds for everybody to leave by himself before anyone is told. Default 0. */
  readonly patience?: number;
  /** Seconds that those who were told have at most, in place of a longer `drainTimeout`. */
  readonly within?: number;
}

/** How often some are told, where they are told at a rate. */
const STEP_MS = 50;
/** Of the rate: networks bring some of them closer together. */
const MARGIN = 0.9;
/** For HTTP connections that idle to the end, between their last word and being cut off. */
const LAST_WORD_MS = 500;

/**
 * Accepts no more, tells every connection, waits for them for `drainTimeout` after the last was told, and
 * cuts off who is left.
 */
export async function empty(house: House, departure: Departure): Promise<void> {
  const { code, lingering = false, patience = 0, within = Number.POSITIVE_INFINITY } = departure;
  house.farewell = code;
  await house.door.listener?.close();
  if (!lingering) house.door.clear();
  if (patience > 0) await emptyWithin(house, patience * 1000);
  if (!house.isEmpty) await tellAll(house, departure);
  await emptyWithin(house, Math.min(house.limits.drainMs, within * 1000));
  if (!house.isEmpty) await cutOff(house);
  house.close();
}

async function tellAll(
  house: House,
  { rate = Number.POSITIVE_INFINITY, lingering }: Departure,
): Promise<void> {
  const all = [...house.connections.values()];
  const told = lingering ? all.filter((one) => one.stage.linger === undefined || isEndless(one)) : all;
  if (lingering) for (const connection of all) connection.stage.linger?.(connection);
  const perStep = (rate * MARGIN * STEP_MS) / 1000;
  for (let due = perStep, done = 0; done < told.length; due += perStep) {
    for (const end = Math.min(told.length, Math.ceil(due)); done < end; done++) {
      const connection = told[done];
      if (connection?.isOpen) house.dismiss(connection);
    }
    if (done < told.length) await Timer.sleep(STEP_MS / 1000);
  }
}

/** An event stream would stay for ever: it is ended, and comes back as a WebSocket does. */
function isEndless({ exchange }: TcpConnection): boolean {
  return exchange?.answer?.isEndless ?? false;
}

/** Resolves when the house is empty, or the time is up. */
function emptyWithin(house: House, milliseconds: number): Promise<void> {
  if (house.isEmpty) return Promise.resolve();
  return new Promise((resolve) => {
    const settle = (): void => {
      callOff();
      house.emptied = () => {};
      resolve();
    };
    const callOff = after(milliseconds, settle, true);
    house.emptied = settle;
  });
}

async function cutOff(house: House): Promise<void> {
  for (const connection of [...house.connections.values()]) {
    if (connection.stage.name === 'http') house.dismiss(connection);
    else connection.destroy();
  }
  await emptyWithin(house, LAST_WORD_MS);
  house.door.clear();
  for (const connection of [...house.connections.values()]) connection.destroy();
}
