/** Takes uploads and counts them, sends one file, and tells how large this process has become. */
import process from 'node:process';
import { Response, Worker } from 'usta';

const GIB = 1024 ** 3;
const [, , file = ''] = process.argv;
let largest = 0;
setInterval(() => {
  largest = Math.max(largest, process.memoryUsage.rss());
}, 20).unref();

const worker = new Worker('http://127.0.0.1:0', { streamBody: true, maxPackageSize: 3 * GIB });
worker.onMessage = async (connection, request) => {
  if (request.path === '/memory') {
    connection.send(JSON.stringify({ largest, now: process.memoryUsage.rss() }));
    largest = 0;
  } else if (request.method === 'GET') {
    connection.send(Response.file(file));
  } else {
    let size = 0;
    for await (const piece of request) size += piece.length;
    connection.send(String(size));
  }
};
await worker.listen();
process.send?.(worker.port);
process.on('disconnect', () => process.exit());
