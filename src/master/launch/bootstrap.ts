/**
 * The first thing in a process that is started to run a script: `node bootstrap.js SCRIPT WORDS…`. Tells whoever
 * started it what came of that.
 */
import process from 'node:process';
import { UstaError } from '../../errors.ts';
import { tellLauncher } from './report.ts';
import { roleFromEnvironment } from './role.ts';
import { runScript } from './run-script.ts';

const [, , script = '', ...words] = process.argv;
const { USTA_PATIENCE: patience, USTA_ATTACHED: attached } = process.env;
delete process.env.USTA_PATIENCE;
delete process.env.USTA_ATTACHED;
if (attached !== undefined) {
  process.on('disconnect', () => process.kill(process.pid, 'SIGTERM'));
  process.channel?.unref();
}

try {
  const patienceMs = patience === undefined ? {} : { patienceMs: Number(patience) };
  const role = roleFromEnvironment() ?? 'master';
  const complain = (message: string): void => void tellLauncher({ type: 'failed', message });
  const end = await runScript(script, { role, words, complain, ...patienceMs });
  process.exit(end.type === 'ended' ? end.status : 0);
} catch (error) {
  if (!(error instanceof UstaError)) throw error;
  const { stack } = error.cause instanceof Error ? error.cause : error;
  await tellLauncher({ type: 'failed', message: error.message, ...(stack === undefined ? {} : { stack }) });
  process.exit(1);
}
