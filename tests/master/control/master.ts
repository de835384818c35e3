/**
 * A process that holds the control socket of a script: prints `serving`, or the code and the line of what went
 * wrong. A second argument is the uid that it becomes first.
 */
import process from 'node:process';
import { ControlServer } from '../../../src/master/control/control-server.ts';
import { controlPlace } from '../../../src/master/control/socket-path.ts';

const [script = '', uid] = process.argv.slice(2);
if (uid !== undefined) process.setuid?.(Number(uid));

try {
  const server = await ControlServer.open(controlPlace(script), async (request, progress) => {
    progress('leaving');
    if (request.command === 'stop') setImmediate(() => server.close().then(() => process.exit()));
    if (request.command === 'status') process.exit();
    return { pid: process.pid };
  });
  console.log(`serving ${process.pid}`);
} catch (error) {
  const { code, message } = error as NodeJS.ErrnoException;
  console.log(`refused ${code} ${message}`);
  process.exitCode = 1;
}
