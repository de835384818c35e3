/**
 * A process on the channel, for tests; its argument says what it does:
 *
 *     watch         does jobs, each in a moment: prints `begin JOB ATTEMPT` and `end JOB`
 *     enqueue       enqueues COUNT jobs `NAME-0` …, prints `all done` when they are
 *     hear          prints `EVENT DATA` for what is published
 *     publish       publishes COUNT numbers, before it has joined and after
 *
 * By BUS it meets others than those of its machine.
 */
import process from 'node:process';
import { Channel } from '../../src/channel/channel.ts';
import { Timer } from '../../src/timer.ts';

const { COUNT = '100', NAME = 'job', MS = '1', CONCURRENCY = '2', BUS } = process.env;

if (BUS !== undefined)
  void Channel.connect({ bus: BUS, cluster: 'channel', secretKey: 'a secret of these tests' });

const acts: Record<string, () => unknown> = {
  async watch() {
    Channel.watch(
      'q',
      async (job: string, { attempt }) => {
        console.log(`begin ${job} ${attempt}`);
        await Timer.sleep(Number(MS) / 1000);
        console.log(`end ${job}`);
      },
      { concurrency: Number(CONCURRENCY) },
    );
    await Channel.connect();
    console.log('ready');
  },
  async enqueue() {
    for (let job = 0; job < Number(COUNT); job++) Channel.enqueue('q', `${NAME}-${job}`);
    await Channel.drain(30);
    console.log(`all done ${JSON.stringify(Channel.counts)}`);
    process.exit();
  },
  async hear() {
    for (const event of ['even', 'odd'])
      Channel.on(event, (number: number, name) => console.log(`${name} ${number}`));
    await Channel.connect();
    console.log('ready');
  },
  async publish() {
    for (let number = 0; number < Number(COUNT); number++) {
      if (number === 100) await Channel.connect();
      Channel.publish(number % 2 === 0 ? 'even' : 'odd', number);
    }
  },
};

await acts[process.argv[2] ?? '']?.();
