import { currentTurn } from './turn.ts';

/** How long another process has for the next connection in the queue. */
const NAP_MS = 0.1;
/** Connections after which this process goes on, whoever else has time: those that are open want their turn. */
const NAPS_PER_TURN = 20;

const nobody = new Int32Array(new SharedArrayBuffer(4));
let turn = 0;
let naps = 0;

/**
 * Waits for a moment after a connection was accepted, so that another process that listens on the same
 * socket takes the next. The loop accepts until the queue is empty; nothing else stops it.
 */
export function giveWay(): void {
  const current = currentTurn();
  if (current !== turn) naps = 0;
  turn = current;
  if (++naps <= NAPS_PER_TURN) Atomics.wait(nobody, 0, 0, NAP_MS);
}
