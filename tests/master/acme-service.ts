/** A wss service that gets its certificate itself; every request is answered with the process id. */
import process from 'node:process';
import { Worker } from 'usta';

const { PORT = '443', REDIRECT_PORT, DOMAIN = '', DIRECTORY = '', ROOT = '', STORAGE = '' } = process.env;
const worker = new Worker(`wss://127.0.0.1:${PORT}`, {
  name: 'test',
  count: 2,
  acme: { domains: [DOMAIN], agree: true, directory: DIRECTORY, directoryRoot: ROOT, storage: STORAGE },
  ...(REDIRECT_PORT === undefined ? {} : { redirectPort: Number(REDIRECT_PORT) }),
  drainTimeout: 1,
  closeTimeout: 1,
});

worker.onRequest = (connection) => connection.send(`${process.pid}`);
Worker.runAll();
