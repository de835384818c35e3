import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const USTA = fileURLToPath(new URL('../../src/usta.js', import.meta.url));

/** Writes the most memory that the process ever had, in KiB, to descriptor 3 when it ends. */
const MEASURE = `data:text/javascript,import fs from 'node:fs';process.on('exit',()=>fs.writeSync(3,String(process.resourceUsage().maxRSS)))`;

/** How `usta doctor` has ended. */
export interface Examined {
  readonly exitCode: number | null;
  readonly output: string;
  readonly errors: string;
  /** Most memory that it ever had, in bytes. */
  readonly peak: number;
  readonly milliseconds: number;
}

/** Runs `usta doctor` with these words, in a process of its own. @param deadline milliseconds until it is killed. */
export async function doctor(words: readonly string[], deadline: number = 60_000): Promise<Examined> {
  const begun = performance.now();
  const child = spawn(process.execPath, ['--import', MEASURE, USTA, 'doctor', ...words], {
    env: { PATH: process.env.PATH ?? '', LANG: 'C.UTF-8' },
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    timeout: deadline,
    killSignal: 'SIGKILL',
  });
  const said = [1, 2, 3].map((index) => {
    const chunks: Buffer[] = [];
    child.stdio[index]?.on('data', (chunk: Buffer) => chunks.push(chunk));
    return chunks;
  });
  const [exitCode] = await once(child, 'close');
  const [output = '', errors = '', peak = ''] = said.map((chunks) => Buffer.concat(chunks).toString());
  return { exitCode, output, errors, peak: Number(peak) * 1024, milliseconds: performance.now() - begun };
}
