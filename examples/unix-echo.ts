/** Gives back what it hears on a Unix socket: `nc -U /tmp/usta-echo.sock`. */
import process from 'node:process';
import { Worker } from 'usta';

const { SOCKET = '/tmp/usta-echo.sock' } = process.env;

const worker = new Worker(`unix://${SOCKET}`, { name: 'unix echo', protocol: 'text' });
worker.onMessage = (connection, line) => connection.send(line);

Worker.runAll();
