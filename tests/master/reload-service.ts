/** A service for the tests of reloads: ws and http on one port; answers with its process id. */
import process from 'node:process';
import { Worker } from 'usta';

const { PORT = '0', COUNT = '2', DRAIN = '5', RATE, GRACEFUL, BROKEN_FILE } = process.env;
if (BROKEN_FILE !== undefined && (await import('node:fs')).existsSync(BROKEN_FILE))
  throw new Error('a mistake in the script');

const worker = new Worker(`websocket://127.0.0.1:${PORT}`, {
  name: 'test',
  count: Number(COUNT),
  drainTimeout: Number(DRAIN),
  closeTimeout: 1,
  ...(RATE === undefined ? {} : { reloadRate: Number(RATE) }),
  ...(GRACEFUL === undefined ? {} : { gracefulTimeout: Number(GRACEFUL) }),
});
worker.onMessage = (connection, message) => {
  if (message === 'throw outside')
    setImmediate(() => {
      throw new Error('outside of all callbacks');
    });
  else if (message === 'print') console.log('for whoever reads');
  else if (message === 'die') process.kill(process.pid, 'SIGKILL');
  else connection.send(`${process.pid} ${worker.id}`);
};
if (process.env.TIRED === '1')
  worker.onWorkerStart = () => {
    setTimeout(() => {
      throw new Error('tired');
    }, 50);
  };
worker.onRequest = (connection) => connection.send(`${process.pid}`);
Worker.runAll();
