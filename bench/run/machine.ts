import { arch, cpus, release, type as system, totalmem } from 'node:os';
import { canPin } from './belongings.ts';

/** Where and when: without it a table says nothing. */
export function circumstances(options: { rounds: number; seconds: number }): string {
  const processors = cpus();
  const model = processors[0]?.model.trim() || arch();
  const memory = `${Math.round(totalmem() / 2 ** 30)} GiB`;
  return [
    new Date().toISOString().slice(0, 10),
    `${processors.length} × ${model}, ${memory}`,
    `${system()} ${release()}`,
    `Node ${process.versions.node}`,
    `medians of ${options.rounds} interleaved rounds of ${options.seconds} s`,
    canPin() ? 'server and generator pinned to a processor each' : 'nothing pinned (no taskset)',
  ].join(' · ');
}
