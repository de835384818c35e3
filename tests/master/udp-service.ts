/** Answers datagrams with the id of its process, under a master. */
import process from 'node:process';
import { Worker } from 'usta';

const worker = new Worker('udp://127.0.0.1:0', { name: 'udp', count: 2 });
worker.onMessage = (connection, message) => {
  if (String(message) === 'die') process.exit(3);
  connection.send(String(process.pid));
};

Worker.runAll();
