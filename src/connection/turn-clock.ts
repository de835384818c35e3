import { now } from '../timer.ts';
import { currentTurn } from '../transport/turn.ts';

let turn = -1;
let time = 0;

/** `now()`, read once in each turn of the loop: near enough for what is told in seconds. */
export function turnTime(): number {
  const current = currentTurn();
  if (current === turn) return time;
  turn = current;
  time = now();
  return time;
}
