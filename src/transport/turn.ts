/** Something that collects work during a turn of the loop and does it together at the end. */
export interface Flushable {
  flush(): void;
}

let waiting: Flushable[] = [];
let number = 0;
let closing = false;

/** Which turn of the loop this is; it grows when work or a look at it asks for it. */
export function currentTurn(): number {
  awaitEnd();
  return number;
}

/**
 * Calls `flush()` when all that this turn of the loop received has been handled. One that throws does
 * not keep the others from theirs: they follow in the next turn.
 */
export function atEndOfTurn(item: Flushable): void {
  waiting.push(item);
  awaitEnd();
}

function awaitEnd(): void {
  if (closing) return;
  closing = true;
  setImmediate(endTurn);
}

function endTurn(): void {
  closing = false;
  number++;
  const items = waiting;
  waiting = [];
  let index = 0;
  try {
    while (index < items.length) items[index++]?.flush();
  } finally {
    for (; index < items.length; index++) atEndOfTurn(items[index] as Flushable);
  }
}
