const ROUNDS = 100;
const MOST_CUTS = 8;

/** Where to cut some bytes, and what to say when the cut shows something. */
export interface Cut {
  readonly at: readonly number[];
  readonly told: string;
}

/**
 * Random places to cut so many bytes at.
 *
 * @param seed repeats what a failure has told of; another one each time if left out.
 */
export function* randomCuts(
  length: number,
  seed: number = Math.floor(Math.random() * 2 ** 32),
): Generator<Cut> {
  const random = xorshift(seed);
  for (let round = 0; round < ROUNDS; round++) {
    const at = Array.from({ length: random() % (MOST_CUTS + 1) }, () => random() % (length + 1));
    yield { at, told: `cut at ${at.join(', ')} (seed ${seed})` };
  }
}

/** Marsaglia's xorshift32: enough for places, and the same everywhere. */
function xorshift(seed: number): () => number {
  let state = seed >>> 0 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return state;
  };
}
