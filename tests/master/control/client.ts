/**
 * A process that asks for the status on the path that it is given, prints what it hears, and has nothing else to do.
 * A second argument is the uid that it becomes first.
 */
import process from 'node:process';
import { askMaster } from '../../../src/master/control/control-client.ts';

const [path = '', uid] = process.argv.slice(2);
if (uid !== undefined) process.setuid?.(Number(uid));
const place = { script: '/srv/game.js', paths: [path] };

askMaster(place, { version: 1, command: 'status' }, { timeout: 60 }).then(
  (result) => console.log(result),
  ({ code, message }) => console.log(code, message),
);
