/**
 * A process on a bus: `node member-process.js '{"cluster":"chat"}'`. It says who it is when it has joined, does what
 * it is asked to, and notes what it hears.
 */
import process from 'node:process';
import { joinCluster } from '../../src/bus/join.ts';
import type { BusSettings } from '../../src/bus/settings.ts';
import { PORT } from './station.ts';

const settings = JSON.parse(process.argv[2] ?? '{}') as BusSettings;
const { bus } = await joinCluster(settings);
const heard: string[] = [];
const left: string[] = [];
let size = 0;

const answers: Record<string, (word: string) => unknown> = {
  subscribe: (topic) => bus.subscribe(topic),
  say: (text) => bus.broadcast(PORT, Buffer.from(text)),
  about: (topic) => bus.multicast(PORT, [topic], Buffer.from(`about ${topic}`)),
  heard: () => heard,
  left: () => left,
  size: () => size,
  members: () => [...bus.members.keys()],
  counts: () => bus.counts,
  close: () => {
    setImmediate(() => void bus.close());
  },
};

bus.listen(PORT, {
  message: (_, payload) => {
    size += payload.length;
    if (payload.length < 1000) heard.push(payload.toString());
  },
  question: (_, payload) => {
    const [word = '', ...rest] = payload.toString().split(' ');
    return Buffer.from(JSON.stringify(answers[word]?.(rest.join(' ')) ?? word));
  },
  left: ({ id }) => left.push(id),
});

console.log(`member ${bus.self.id} knows ${bus.members.size}`);
