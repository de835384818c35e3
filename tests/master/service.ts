/** A service for the tests of the master: answers `pid`, dies on `die`, fails as its environment says. */
import process from 'node:process';
import { Worker } from 'usta';

const { PORT = '0', COUNT = '2', FAIL } = process.env;
const worker = new Worker(`websocket://127.0.0.1:${PORT}`, {
  name: 'test',
  count: Number(COUNT),
  drainTimeout: 1,
  closeTimeout: 1,
});

worker.onWorkerStart = () => {
  if (FAIL === 'start') throw new Error('the database is not there');
  if (FAIL === 'exit') process.exit(3);
};
worker.onMessage = (connection, message) => {
  if (message === 'die') process.kill(process.pid, 'SIGKILL');
  connection.send(message === 'pid' ? `${process.pid} ${worker.id}` : message);
};
Worker.runAll();
