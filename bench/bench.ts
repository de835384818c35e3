/**
 * `npm run bench`: our server and three others under the same loads, taking turns, as ratios to `ws`.
 * `npm run bench -- cluster`: several processes of ours and of Socket.IO.
 */
import { throwAwayCertificate } from './certificate.ts';
import { benchClusters } from './cluster/bench.ts';
import { cleanUpOnExit, temporaryFolder } from './run/belongings.ts';
import { circumstances, loadBefore } from './run/machine.ts';
import { measure } from './run/measure.ts';
import { type BenchOptions, readBenchOptions } from './run/options.ts';
import { PAGE, PEERS, textOf, writePage } from './run/page.ts';
import { installPeers, peersNamed } from './run/peers.ts';
import type { ScenarioResult } from './run/results.ts';
import { figureTable, type Line, linesOf, ratioTable, remarks } from './run/summary.ts';

try {
  const [first, ...others] = process.argv.slice(2);
  if (first === 'cluster') await benchClusters(others, progress);
  else await bench(readBenchOptions(process.argv.slice(2)));
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 2;
}

async function bench(options: BenchOptions): Promise<void> {
  cleanUpOnExit();
  const load = loadBefore();
  installPeers(progress);
  const peers = peersNamed(options.peers);
  const files = throwAwayCertificate(temporaryFolder());
  const results: ScenarioResult[] = [];
  progress(`this takes about ${minutes(options)} min`);
  for (const scenario of options.scenarios) {
    results.push(await measure(scenario, { ...options, peers, files, say: progress }));
  }
  const lines = linesOf(results, peers);
  const result = {
    circumstances: circumstances({ ...options, load }),
    tables: [ratioTable(lines, peers), figureTable(lines, peers)],
    remarks: remarks(lines, peers),
  };
  console.log(`\n${textOf(result)}`);
  if (options.write) writePage(PAGE, result, PEERS);
  if (options.assert && !keepsPromises(lines)) process.exitCode = 1;
}

/** Each turn has besides its window a warm-up, and connections to open and to close. */
function minutes({ scenarios, peers, rounds, seconds }: BenchOptions): number {
  return Math.ceil((scenarios.length * peers.length * rounds * (seconds + 2)) / 60);
}

function keepsPromises(lines: readonly Line[]): boolean {
  return lines.every(({ row, verdict }) => !row.floor || verdict === 'kept');
}

function progress(line: string): void {
  console.error(line);
}
