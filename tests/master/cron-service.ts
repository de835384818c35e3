/** A service for the tests of cron: says what is due, and who does it. */
import process from 'node:process';
import { Timer, Worker } from 'usta';

function job(name: string, onlyOn?: 'all'): void {
  const tell = (due: Date): void =>
    console.log(`${name} ${due.getTime() / 1000} ${worker.name} ${process.pid}`);
  Timer.cron('* * * * * *', tell, onlyOn ? { onlyOn } : {});
}

job('outside');
const worker = new Worker();
worker.name = 'one';
worker.count = 2;
worker.onWorkerStart = () => {
  job('first');
  job('all', 'all');
};
const other = new Worker();
other.onWorkerStart = () => job('other');
Worker.runAll();
