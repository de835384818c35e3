/** Files over TCP: the length of the package (4 bytes, big-endian), that of the name (1 byte), the name, the file. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import { defineProtocol, safeName, Worker } from 'usta';

const { PORT = '8333', FILES = 'files' } = process.env;
const HEAD = 5;

const upload = defineProtocol({
  name: 'upload',
  input: (buffer) => (buffer.length < HEAD ? 0 : Math.max(buffer.readUInt32BE(0), HEAD)),
  decode(bytes) {
    const start = HEAD + bytes.readUInt8(4);
    return { name: safeName(bytes.toString('utf8', HEAD, start)), data: bytes.subarray(start) };
  },
  encode: (answer: string) => `${answer}\n`,
});

const worker = new Worker(`tcp://0.0.0.0:${PORT}`, { protocol: upload, maxPackageSize: 10_000_000 });
worker.onWorkerStart = () => mkdir(FILES, { recursive: true });
worker.onMessage = async (connection, { name, data }) => {
  await writeFile(join(FILES, name), data);
  connection.send(`saved ${name}, ${data.length} bytes`);
};

Worker.runAll();
