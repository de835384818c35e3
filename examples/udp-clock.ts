/** Tells the time to whoever asks: `echo time | nc -u -w 1 localhost 3737`. Short answers only: senders can be forged. */
import process from 'node:process';
import { Worker } from 'usta';

const { PORT = '3737' } = process.env;

const worker = new Worker(`udp://0.0.0.0:${PORT}`, { name: 'clock', count: 2, protocol: 'text' });
worker.onMessage = (connection, question) => {
  if (question === 'time') connection.send(new Date().toISOString());
};

Worker.runAll();
