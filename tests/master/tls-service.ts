/** A wss service for the tests of keys: answers `pid`, and every request with its process id. */
import process from 'node:process';
import { Worker } from 'usta';

const { CERT = '', KEY = '', COUNT = '2', HOST = '127.0.0.1', PORT = '0', RUN_AS } = process.env;
const worker = new Worker(`wss://${HOST}:${PORT}`, {
  name: 'test',
  count: Number(COUNT),
  ssl: { local_cert: CERT, local_pk: KEY },
  drainTimeout: 1,
  closeTimeout: 1,
  ...(RUN_AS === undefined ? {} : { user: RUN_AS }),
});

worker.onMessage = (connection) => connection.send(`${process.pid} ${process.getuid?.()}`);
worker.onRequest = (connection) => connection.send(`${process.pid}`);
Worker.runAll();
