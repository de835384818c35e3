/** Plain WebSocket on this machine only: nginx, Apache or another proxy in front speaks TLS with the clients. */
import process from 'node:process';
import { Worker } from 'usta';

const { PORT = '8282' } = process.env;

const worker = new Worker(`websocket://127.0.0.1:${PORT}`);
worker.onMessage = (connection, _message) => connection.send('ok');

Worker.runAll();
