/**
 * `npm run bench`: our server and three others under the same loads, taking turns, as ratios to `ws`.
 */
import { join } from 'node:path';
import { throwAwayCertificate } from './certificate.ts';
import { cleanUpOnExit, temporaryFolder } from './run/belongings.ts';
import { circumstances, loadBefore } from './run/machine.ts';
import { measure } from './run/measure.ts';
import { type BenchOptions, readBenchOptions } from './run/options.ts';
import { type Result, writePage } from './run/page.ts';
import { installPeers, peersNamed, ROOT } from './run/peers.ts';
import type { ScenarioResult } from './run/results.ts';
import { figureTable, type Line, linesOf, ratioTable, remarks } from './run/summary.ts';
import { asText } from './run/table.ts';

const PAGE = join(ROOT, 'docs', 'performance.md');

try {
  await bench(readBenchOptions(process.argv.slice(2)));
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
  const tables = [ratioTable(lines, peers), figureTable(lines, peers)];
  const result = {
    circumstances: circumstances({ ...options, load }),
    tables,
    remarks: remarks(lines, peers),
  };
  print(result);
  if (options.write) writePage(PAGE, result);
  if (options.assert && !keepsPromises(lines)) process.exitCode = 1;
}

/** Each turn has besides its window a warm-up, and connections to open and to close. */
function minutes({ scenarios, peers, rounds, seconds }: BenchOptions): number {
  return Math.ceil((scenarios.length * peers.length * rounds * (seconds + 2)) / 60);
}

function keepsPromises(lines: readonly Line[]): boolean {
  return lines.every(({ row, verdict }) => !row.floor || verdict === 'kept');
}

function print({ circumstances, tables, remarks }: Result): void {
  console.log(`\n${[circumstances, ...tables.map(asText), remarks.join('\n')].join('\n\n').trimEnd()}`);
}

function progress(line: string): void {
  console.error(line);
}
