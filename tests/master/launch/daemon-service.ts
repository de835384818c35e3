/** Goes to the background as its environment says, and tells what came of it; in the background, a service. */
import process from 'node:process';
import { Worker } from 'usta';
import { startDaemon } from '../../../src/master/launch/daemon.ts';
import { roleFromEnvironment } from '../../../src/master/launch/role.ts';

const { OUTPUT, PATIENCE, HANG } = process.env;
const worker = new Worker('http://127.0.0.1:0', { name: 'web', drainTimeout: 1 });
if (HANG) worker.onWorkerStart = () => new Promise(() => {});

if (roleFromEnvironment() !== undefined || process.env.USTA_PLACE) {
  console.log('printed to standard output');
  Worker.runAll();
} else {
  const choice = { ...(OUTPUT && { stdoutFile: OUTPUT }), ...(PATIENCE && { patienceMs: Number(PATIENCE) }) };
  startDaemon(choice).then(
    (daemon) => console.log(JSON.stringify(daemon)),
    (error: Error) => console.log(error.message),
  );
}
