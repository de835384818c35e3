import { cleanUpOnExit } from '../run/belongings.ts';
import { circumstances, loadBefore } from '../run/machine.ts';
import { CLUSTER, PAGE, textOf, writePage } from '../run/page.ts';
import { installPeers } from '../run/peers.ts';
import { contestantsNamed } from './contestants.ts';
import { type ClusterOptions, readClusterOptions } from './options.ts';
import { besideTable, figureTable, keepsPromises, ratioTable, remarks } from './summary.ts';
import { takeTurns } from './turns.ts';

/**
 * `npm run bench -- cluster`: one group over two processes that hold its members, published for by a third; ours
 * and Socket.IO's, taking turns.
 *
 * @param words of the command line.
 * @throws {UsageError} for words that cannot be understood.
 */
export async function benchClusters(words: readonly string[], say: (line: string) => void): Promise<void> {
  const options = readClusterOptions(words);
  cleanUpOnExit();
  const load = loadBefore();
  installPeers(say);
  const contestants = contestantsNamed(options.peers);
  say(`this takes about ${minutes(options)} min`);
  const results = await takeTurns({ ...options, contestants, say });
  const result = {
    circumstances: circumstances({ ...options, load }),
    tables: [
      ratioTable(results, contestants),
      figureTable(results, contestants),
      besideTable(results, contestants),
    ],
    remarks: remarks(results, contestants),
  };
  console.log(`\n${textOf(result)}`);
  if (options.write) writePage(PAGE, result, CLUSTER);
  if (options.assert && !keepsPromises(results, contestants)) process.exitCode = 1;
}

/** Each turn has besides its window a warm-up, and connections to open and to close. */
function minutes({ loads, peers, rounds, seconds }: ClusterOptions): number {
  return Math.ceil((loads.length * peers.length * rounds * (seconds + 2)) / 60);
}
