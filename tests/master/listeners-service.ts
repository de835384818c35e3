/** A service whose processes listen, beside their worker, on a port of their own, and obey what they are told. */
import process from 'node:process';
import { SystemError, Worker } from 'usta';

const { OTHER = '0', END } = process.env;
const worker = new Worker('text://127.0.0.1:0', {
  name: 'main',
  count: END === '1' ? 1 : 2,
  drainTimeout: 1,
});
if (END !== '1') {
  const timers = new Worker();
  timers.onWorkerStart = () => Worker.log(`no address, status ${Worker.getStatus()}`);
}

worker.onWorkerStart = async () => {
  const inner = new Worker(`text://127.0.0.1:${OTHER}`, {
    onMessage: (connection) => connection.send('inner'),
  });
  try {
    await inner.listen();
  } catch (error) {
    Worker.log(error instanceof SystemError ? error.message : String(error));
  }
};

worker.onMessage = async (connection, word) => {
  if (word === 'pause') worker.pauseAccept();
  if (word === 'resume') worker.resumeAccept();
  if (word === 'again') {
    await worker.unlisten();
    await worker.listen();
  }
  connection.send(`${word} ${process.pid} ${Worker.getStatus()}`);
  if (word === 'stopAll') await Worker.stopAll(0, 'enough');
};

// Resolves in the master alone, when all serve.
Worker.runAll().then(() => (END === '1' ? Worker.stopAll(7) : undefined));
