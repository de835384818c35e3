/**
 * The known word that somebody most likely meant.
 *
 * @returns `undefined` when none is within two letters to add, drop, change or swap with the next.
 */
export function nearest(word: string, known: readonly string[]): string | undefined {
  const wanted = word.toLowerCase();
  let best: string | undefined;
  let least = 3;
  for (const one of known) {
    const away = distance(one.toLowerCase(), wanted);
    if (away < least && away < wanted.length) [best, least] = [one, away];
  }
  return best;
}

/** How many letters to add, drop, change, or swap with the next (Damerau's distance of restricted edits). */
function distance(one: string, other: string): number {
  const rows = [Array.from({ length: other.length + 1 }, (_, index) => index)];
  for (let i = 1; i <= one.length; i++) {
    const row = [i];
    for (let j = 1; j <= other.length; j++) row.push(cheapest(rows, row, { one, other, i, j }));
    rows.push(row);
  }
  return rows[one.length]?.[other.length] ?? 0;
}

interface Cell {
  readonly one: string;
  readonly other: string;
  readonly i: number;
  readonly j: number;
}

function cheapest(rows: readonly number[][], row: readonly number[], { one, other, i, j }: Cell): number {
  const at = (di: number, dj: number): number => (di === 0 ? row[j - dj] : rows[i - di]?.[j - dj]) ?? 0;
  const change = at(1, 1) + (one[i - 1] === other[j - 1] ? 0 : 1);
  const swapped = i > 1 && j > 1 && one[i - 1] === other[j - 2] && one[i - 2] === other[j - 1];
  return Math.min(change, at(1, 0) + 1, at(0, 1) + 1, swapped ? at(2, 2) + 1 : Number.POSITIVE_INFINITY);
}
