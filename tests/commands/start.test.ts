import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdirSync, readFileSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { createServer } from 'node:net';
import process from 'node:process';
import { after, describe, it } from 'node:test';
import { freePort } from '../fixtures/free-port.ts';
import { ask, gone, isAlive, Project, service } from '../master/launch/project.ts';

const projects: Project[] = [];
after(() => Promise.all(projects.map((one) => one.end())));

function project(files: Readonly<Record<string, string>>): Project {
  const made = new Project(files);
  projects.push(made);
  return made;
}

describe('usta start', () => {
  it('serves in the foreground, in this very process, and drains on SIGTERM', async () => {
    const port = await freePort();
    const running = project({ 'server.js': service(port) }).start([
      'start',
      'server.js',
      'one',
      '--',
      '--two',
    ]);
    const [, pid] = await running.says(/pid:(\d+) worker web: http on 127\.0\.0\.1:\d+/);
    assert.equal(Number(pid), running.pid);
    assert.match(await ask(port), /^\d+ one --two$/);
    assert.equal((await running.end('SIGTERM')).code, 0);
  });

  it('runs the script as the main module', async () => {
    const { printed } = await project({
      'server.cjs': 'console.log(require.main === module, process.argv[1] === __filename); process.exit(7);',
    }).usta('start', 'server.cjs');
    assert.equal(printed, 'true true\n');
  });

  it('follows a link to the script when it runs it', async () => {
    const port = await freePort();
    const made = project({ 'v1/server.js': service(port) });
    symlinkSync('v1', made.path('current'));
    const running = made.start(['start', 'current/server.js']);
    await running.says(/worker web/);
    assert.match(await ask(port), /^\d+/);
    await running.end();
  });

  it('runs TypeScript, by tsx where this Node needs it, in the master and in its processes', async () => {
    const port = await freePort();
    const made = project({ 'server.ts': service(port) });
    installTsx(made);
    const running = made.start(['start', 'server.ts', 'one']);
    const [, pid] = await running.says(/pid:(\d+) worker web/);
    assert.match(await ask(port), /^\d+ one$/);
    assert.equal((await running.end('SIGTERM')).code, 0);
    await gone(Number(pid));
  });

  it('leaves nothing of TypeScript behind when it is killed itself', async () => {
    const port = await freePort();
    const made = project({ 'server.ts': service(port) });
    installTsx(made);
    const running = made.start(['start', 'server.ts']);
    const [, pid] = await running.says(/pid:(\d+) worker web/);
    const slot = Number.parseInt(await ask(port), 10);
    await running.end('SIGKILL');
    await gone(Number(pid));
    await gone(slot);
  });
});

describe('usta start -d', () => {
  it('returns when the service stands, which lives on in a session of its own', async () => {
    const port = await freePort();
    const made = project({ 'server.js': service(port) });
    const { code, printed, complaints } = await made.usta('start', 'server.js', '-d', '--', 'one');
    assert.deepEqual([code, complaints], [0, '']);
    const [, pid = '', output = ''] =
      /^server\.js serves in the background \(pid (\d+)\); its output: (\S+)\n$/.exec(printed) ?? [];
    const answer = await ask(port);
    assert.match(answer, /^\d+ one$/);
    assert.notEqual(answer.split(' ')[0], pid);
    assert.equal(sessionOf(Number(pid)), Number(pid));
    assert.equal(sessionOf(Number.parseInt(answer, 10)), Number(pid));
    assert.match(readFileSync(output, 'utf8'), /worker web: http on 127\.0\.0\.1/);
    process.kill(Number(pid), 'SIGTERM');
    await gone(Number(pid));
  });

  it('leaves the one that has started it, whatever the script has opened there', async () => {
    const port = await freePort();
    const more =
      "setInterval(() => {}, 1000); (await import('node:net')).connect(process.env.PORT).on('error', () => {});";
    const blocker = createServer().listen(0, '127.0.0.1');
    await once(blocker, 'listening');
    const made = project({ 'server.js': service(port, more) });
    const env = { PORT: String((blocker.address() as { port: number }).port) };
    const { code, printed } = await made.start(['start', 'server.js', '-d'], env).ended;
    made.adopt(Number(/pid (\d+)/.exec(printed)?.[1]));
    assert.equal(code, 0);
    assert.match(await ask(port), /^\d+/);
    blocker.close();
  });

  it('tells on the terminal why the service does not stand, and leaves nothing', async () => {
    const blocker = createServer().listen(0, '127.0.0.1');
    await once(blocker, 'listening');
    const { port } = blocker.address() as { port: number };
    const { code, complaints, printed } = await project({ 'server.js': service(port) }).usta(
      'start',
      'server.js',
      '-d',
    );
    assert.deepEqual([code, printed], [1, '']);
    assert.match(
      complaints,
      new RegExp(`^usta: cannot listen on 127\\.0\\.0\\.1:${port}: another program listens there.*\\n$`),
    );
    blocker.close();
  });

  it('tells why onWorkerStart has failed', async () => {
    const script = service(
      await freePort(),
      "worker.onWorkerStart = () => { throw new Error('no database'); };",
    );
    const { code, complaints } = await project({ 'server.js': script }).usta('start', 'server.js', '-d');
    assert.equal(code, 1);
    assert.match(complaints, /^usta: .*no database/);
  });

  it('tells how a master has died before it could tell why, with its last words', async () => {
    const script = service(
      await freePort(),
      "if (process.env.USTA_DAEMON && !process.env.USTA_PLACE) { console.error('out of luck'); process.exit(9); }",
    );
    const { code, complaints } = await project({ 'server.js': script }).usta('start', 'server.js', '-d');
    assert.equal(code, 1);
    assert.match(
      complaints,
      /^usta: the master ended with exit status 9 before the service stood; its last line in \S+: out of luck\n$/,
    );
  });

  it('runs TypeScript', async () => {
    const port = await freePort();
    const made = project({ 'server.ts': service(port) });
    installTsx(made);
    const { code } = await made.usta('start', 'server.ts', '-d');
    assert.equal(code, 0);
    assert.match(await ask(port), /^\d+/);
  });

  it('says nothing when it is quiet', async () => {
    const port = await freePort();
    const made = project({ 'server.js': service(port) });
    const { code, printed, complaints } = await made.usta('start', 'server.js', '-d', '-q');
    made.adopt(masterOf(Number.parseInt(await ask(port), 10)));
    assert.deepEqual([code, printed, complaints], [0, '', '']);
  });

  it('tells why its output cannot be written', async () => {
    const made = project({ 'server.js': service(await freePort()) });
    mkdirSync(made.path('run'), { mode: 0o755 });
    const { code, complaints } = await made.usta('start', 'server.js', '-d');
    assert.equal(code, 1);
    assert.match(complaints, /^usta: \S+\/run is open to other users \(mode 0755\): chmod 700 \S+\n$/);
    assert.equal(statSync(made.path('run')).mode & 0o777, 0o755);
    rmSync(made.path('run'), { recursive: true });
  });
});

describe('a start that cannot succeed', () => {
  const SCRIPTS: Readonly<Record<string, readonly [script: string, says: RegExp]>> = {
    'throws while loading': [
      "function deep() {\n  throw new Error('no configuration');\n}\ndeep();\n",
      /^server\.js:2: no configuration$/,
    ],
    'rejects while loading': [
      "await Promise.reject(new TypeError('bad'));\n",
      /^server\.js:1: TypeError: bad$/,
    ],
    'rejects where nobody waits': [
      "setInterval(() => {}, 100);\nasync function main() { throw new Error('bad'); }\nmain();\n",
      /^server\.js:2: bad$/,
    ],
    'cannot be parsed': ['const a = 1;\nconst b = ;\n', /^server\.js:2: SyntaxError: Unexpected token ';'$/],
    'imports what is not there': [
      "import './nothing.js';\n",
      /^server\.js: Cannot find module '\S+nothing\.js' imported from \S+server\.js$/,
    ],
    'imports a name that is not there': [
      "import { Wroker } from 'usta';\n",
      /^server\.js:1: SyntaxError: The requested module 'usta' does not provide an export named 'Wroker'$/,
    ],
    'makes a worker of a wrong address': [
      "import { Worker } from 'usta';\n\nnew Worker('websokcet://0.0.0.0:1');\n",
      /^server\.js:3: "websokcet:\S+" has no known scheme; did you mean websocket:\/\/\?$/,
    ],
    'never calls runAll': [
      "import { Worker } from 'usta';\nnew Worker('ws://127.0.0.1:0');\n",
      /^server\.js: it ended without calling Worker\.runAll\(\)/,
    ],
    'ends itself as if all were well': [
      'process.exit(0);\n',
      /^server\.js:1: it ended without calling Worker\.runAll\(\)/,
    ],
    'throws what is no exception': ["throw 'oh';\n", /^server\.js: it threw "oh"$/],
  };
  for (const [what, [script, says]] of Object.entries(SCRIPTS)) {
    it(`says in one line that the script ${what}, exit code 1, in the foreground and with -d`, async () => {
      const made = project({ 'server.js': script });
      for (const words of [[], ['-d']]) {
        const { code, printed, complaints } = await made.usta('start', 'server.js', ...words);
        assert.deepEqual([code, printed], [1, '']);
        assert.match(complaints, /^usta: [^\n]+\n$/);
        assert.match(complaints.slice('usta: '.length).trim(), says);
      }
    });
  }

  it('shows the stack with --trace', async () => {
    const { complaints } = await project({ 'server.js': "throw new Error('bad');" }).usta(
      'start',
      'server.js',
      '--trace',
    );
    assert.match(complaints, /^usta: server\.js:1: bad\nError: bad\n {4}at .*server\.js:1:7/);
  });

  it('knows scripts and words that are wrong, exit code 2', async () => {
    const made = project({ 'server.js': '' });
    const rows: readonly [words: string[], says: RegExp][] = [
      [['start', 'sever.js'], /^usta: sever\.js does not exist; did you mean server\.js\?\n$/],
      [['start', '.'], /^usta: \. is a folder; name the script in it, such as server\.js\n$/],
      [['start'], /^usta: something is missing; usage: usta start SCRIPT/],
      [
        ['start', 'server.js', '--deamon'],
        /^usta: usta start has no option --deamon; did you mean --daemon\?\n$/,
      ],
      [['strat', 'server.js'], /^usta: there is no command "strat"; did you mean usta start\?\n$/],
    ];
    for (const [words, says] of rows) {
      const { code, complaints } = await made.usta(...words);
      assert.equal(code, 2, words.join(' '));
      assert.match(complaints, says);
    }
  });
});

function sessionOf(pid: number): number {
  assert.ok(isAlive(pid));
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[3]);
}

function masterOf(slot: number): number {
  const stat = readFileSync(`/proc/${slot}/stat`, 'utf8');
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
}

/** As far as these scripts need it: a loader that reads TypeScript without types. */
function installTsx(made: Project): void {
  made.write('node_modules/tsx/package.json', '{"name":"tsx","type":"module","exports":{".":"./loader.js"}}');
  made.write(
    'node_modules/tsx/loader.js',
    "import { register } from 'node:module';\nregister('./hooks.js', import.meta.url);\n",
  );
  made.write(
    'node_modules/tsx/hooks.js',
    `import { readFileSync } from 'node:fs';
export async function load(url, context, next) {
  if (!url.endsWith('.ts')) return next(url, context);
  return { format: 'module', shortCircuit: true, source: readFileSync(new URL(url)) };
}
`,
  );
}
