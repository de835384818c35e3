import { arch, cpus, loadavg, release, type as system, totalmem } from 'node:os';
import { canPin } from './belongings.ts';

export interface Circumstances {
  readonly rounds: number;
  readonly seconds: number;
  /** Programs that wanted to run in the last minute before, see `loadBefore`. */
  readonly load: number;
}

/** What else the machine was doing when the run began; above some tenths the figures are not worth much. */
export function loadBefore(): number {
  return loadavg()[0] ?? 0;
}

/** Where and when: without it a table says nothing. */
export function circumstances(options: Circumstances): string {
  const processors = cpus();
  const model = processors[0]?.model.trim() || arch();
  const memory = `${Math.round(totalmem() / 2 ** 30)} GiB`;
  return [
    new Date().toISOString().slice(0, 10),
    `${processors.length} × ${model}, ${memory}`,
    `${system()} ${release()}`,
    `Node ${process.versions.node}`,
    `${options.rounds === 1 ? 'one round' : `medians of ${options.rounds} interleaved rounds`} of ${options.seconds} s`,
    `load before ${options.load.toFixed(1)}`,
    canPin() ? 'server and generator pinned to a processor each' : 'nothing pinned (no taskset)',
  ].join(' · ');
}
