/** TLS in the server: `CERT=chain.pem KEY=key.pem node dist/examples/wss.js`, files beside this one by default. */
import process from 'node:process';
import { Worker } from 'usta';

const { CERT = 'server.pem', KEY = 'server.key', PORT = '8282' } = process.env;

const worker = new Worker(`websocket://0.0.0.0:${PORT}`, {
  ssl: { local_cert: CERT, local_pk: KEY },
});
worker.transport = 'ssl'; // websocket + TLS = wss
worker.onMessage = (connection, _message) => connection.send('ok');

Worker.runAll();
