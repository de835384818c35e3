/** A protocol of one's own: four bytes with the length of the whole package, big-endian, then JSON. */
import process from 'node:process';
import { defineProtocol, Worker } from 'usta';

const { PORT = '7000' } = process.env;

interface Question {
  readonly type: string;
}

const json = defineProtocol({
  name: 'json',
  input: (buffer) => (buffer.length < 4 ? 0 : buffer.readUInt32BE(0)),
  decode: (bytes): Question => JSON.parse(bytes.toString('utf8', 4)),
  encode(answer: object) {
    const body = Buffer.from(JSON.stringify(answer));
    const head = Buffer.alloc(4);
    head.writeUInt32BE(4 + body.length);
    return Buffer.concat([head, body]);
  },
});

const worker = new Worker(`tcp://0.0.0.0:${PORT}`, { name: 'json', protocol: json });
worker.onMessage = (connection, { type }) =>
  connection.send(type === 'time' ? { type, now: new Date().toISOString() } : { type: 'error', asked: type });

Worker.runAll();
