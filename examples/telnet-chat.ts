/** A chat in lines of text: `telnet localhost 2323`, or `nc localhost 2323`. The first line is one's name. */
import process from 'node:process';
import { Worker } from 'usta';

const { PORT = '2323' } = process.env;

const worker = new Worker(`text://0.0.0.0:${PORT}`, {
  name: 'telnet chat',
  context: () => ({ name: '' }),
  maxPackageSize: 1024,
});
worker.onConnect = (connection) => connection.send('Who are you?');
worker.onMessage = (connection, line) => {
  const { context } = connection;
  if (context.name !== '') return say(`${context.name}: ${line}`);
  context.name = line.trim() || `guest ${connection.id}`;
  say(`${context.name} is here`);
};
worker.onClose = ({ context }) => context.name !== '' && say(`${context.name} has left`);

function say(text: string): void {
  const present = [...worker.connections.values()].filter(({ context }) => context.name !== '');
  worker.broadcast(text, present);
}

Worker.runAll();
