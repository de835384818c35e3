/** What a start cannot be done with: one line that says what to do, an exit code that is not 0, nothing left behind. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { Project } from '../master/launch/project.ts';

const taken = createServer();
before(async () => {
  taken.listen(0, '127.0.0.1');
  await once(taken, 'listening');
});
after(() => taken.close());

interface Row {
  readonly what: string;
  /** Options of the worker, and lines before `runAll`. */
  readonly options?: () => string;
  readonly lines?: string;
  readonly address?: () => string;
  readonly says: RegExp;
}

const ROWS: readonly Row[] = [
  {
    what: 'a port that is taken',
    address: () => `websocket://127.0.0.1:${(taken.address() as AddressInfo).port}`,
    says: /cannot listen on 127\.0\.0\.1:\d+: another program listens there; choose another port/,
  },
  {
    what: 'an address that is not of this machine',
    address: () => 'websocket://192.0.2.1:8282',
    says: /cannot listen on 192\.0\.2\.1:8282: this machine does not have that address/,
  },
  {
    what: 'a log file that cannot be written',
    lines: "Worker.logFile = '/nowhere/at/all.log';",
    says: /the log file \/nowhere\/at\/all\.log cannot be opened/,
  },
  {
    what: 'a pid file that cannot be written',
    lines: "Worker.pidFile = '/nowhere/at/all.pid';",
    says: /\/nowhere\/at\/all\.pid/,
  },
  {
    what: 'a place for metrics that is none',
    lines: "Worker.metrics = 'somewhere';",
    says: /Worker\.metrics: "somewhere" is no host:port/,
  },
  {
    what: 'a user that does not exist, or that only root may become',
    options: () => "user: 'nobody-here'",
    says: /cannot become user nobody-here|user and group need root/,
  },
  {
    what: 'a certificate that is not there',
    address: () => 'wss://127.0.0.1:0',
    options: () => "ssl: { local_cert: 'server.pem', local_pk: 'server.key' }",
    says: /ssl\.local_cert: .*server\.pem does not exist/,
  },
  {
    what: 'a word of ssl that is none',
    address: () => 'wss://127.0.0.1:0',
    options: () => "ssl: { local_cret: 'server.pem' }",
    says: /ssl has no word "local_cret"; did you mean local_cert\?/,
  },
];

describe('bad input of usta start', { timeout: 60_000, concurrency: 2 }, () => {
  for (const {
    what,
    options = () => '',
    lines = '',
    address = () => 'websocket://127.0.0.1:0',
    says,
  } of ROWS) {
    it(what, async () => {
      const project = new Project({
        'server.js': `import { Worker } from 'usta';
new Worker('${address()}', { ${options()} });
${lines}
Worker.runAll();
`,
      });
      try {
        const { code, printed, complaints } = await project.usta('start', 'server.js');
        assert.equal(code, 1);
        assert.match(complaints, says);
        assert.equal(complaints.trim().split('\n').length, 1, complaints);
        assert.equal(printed, '');
        const left = existsSync(project.path('run')) ? readdirSync(project.path('run')) : [];
        assert.deepEqual(left, []);
      } finally {
        await project.end();
      }
    });
  }
});
