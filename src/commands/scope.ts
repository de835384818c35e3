import type { OptionSpec } from '../cli/command.ts';
import type { Words } from '../cli/words.ts';

/** What `stop` and `reload` may be narrowed by. */
export const SCOPE_OPTIONS: Readonly<Record<'graceful' | 'worker', OptionSpec>> = {
  graceful: { short: 'g', summary: 'lets clients leave by themselves first, up to gracefulTimeout' },
  worker: { value: 'NAME', summary: 'this worker alone' },
};

export interface Scope {
  readonly graceful: boolean;
  readonly worker?: string;
}

/** @returns what was asked for, and how to name it. */
export function scopeOf(words: Words): { readonly scope: Scope; readonly named: string } {
  const [script = ''] = words.operands;
  const worker = words.text('worker');
  const graceful = words.flag('graceful');
  if (worker === undefined) return { scope: { graceful }, named: script };
  return { scope: { graceful, worker }, named: `worker ${worker} of ${script}` };
}
