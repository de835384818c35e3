/**
 * The load generator: one mode, one run, one JSON line.
 *
 *   node dist/bench/load.js echo --port 8282 --connections 50 --in-flight 32 --pids 4711
 */
import { readOptions } from './load/options.ts';
import { run } from './load/run.ts';

/** Time for opening, draining and closing, in seconds: after it the generator ends, whatever happens. */
const BESIDES = 150;

try {
  const options = readOptions(process.argv.slice(2));
  setTimeout(
    () => finish({ failure: 'out of time' }, 1),
    (options.warmUp + options.seconds + BESIDES) * 1000,
  );
  finish(await run(options), 0);
} catch (error) {
  finish({ failure: (error as Error).message }, 1);
}

function finish(line: object, status: number): void {
  process.stdout.write(`${JSON.stringify(line)}\n`, () => process.exit(status));
}
