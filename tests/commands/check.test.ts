import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { after, describe, it } from 'node:test';
import { freePort } from '../fixtures/free-port.ts';
import { ask, Project, service } from '../master/launch/project.ts';

const projects: Project[] = [];
after(() => Promise.all(projects.map((one) => one.end())));

function project(files: Readonly<Record<string, string>>): Project {
  const made = new Project(files);
  projects.push(made);
  return made;
}

describe('usta check', () => {
  it('prints what it has verified and starts nothing, exit code 0', async () => {
    const port = await freePort();
    const script = service(port, "worker.onWorkerStart = () => console.log('started');");
    const { code, printed, complaints } = await project({ 'server.js': script }).usta('check', 'server.js');
    assert.deepEqual([code, printed, complaints], [0, `✓ worker web: can listen on 127.0.0.1:${port}\n`, '']);
    await assert.rejects(ask(port));
  });

  it('gives the script its words, and keeps what it prints apart', async () => {
    const script = service(await freePort(), "console.log(process.argv.slice(2).join(' '));");
    const { printed, complaints } = await project({ 'server.js': script }).usta(
      'check',
      'server.js',
      'one',
      '--',
      '--two',
    );
    assert.match(printed, /^✓ worker web: [^\n]+\n$/);
    assert.equal(complaints, 'one --two\n');
  });

  it('says what a start would stumble over, exit code 1', async () => {
    const blocker = createServer().listen(0, '127.0.0.1');
    await once(blocker, 'listening');
    const { port } = blocker.address() as { port: number };
    const { code, printed } = await project({ 'server.js': service(port) }).usta('check', 'server.js');
    assert.equal(code, 1);
    assert.match(
      printed,
      new RegExp(`^✗ worker web: cannot listen on 127\\.0\\.0\\.1:${port}: another program [^\\n]+\\n$`),
    );
    blocker.close();
  });

  it('says in one line why the script cannot be loaded, exit code 1, and the stack with --trace', async () => {
    const made = project({ 'server.js': "\nthrow new Error('no configuration');\n" });
    const plain = await made.usta('check', 'server.js');
    assert.deepEqual([plain.code, plain.complaints], [1, 'usta: server.js:2: no configuration\n']);
    const { complaints } = await made.usta('check', 'server.js', '--trace');
    assert.match(
      complaints,
      /^usta: server\.js:2: no configuration\nError: no configuration\n {4}at .*server\.js:2:7/,
    );
  });

  it('ends within a second of its answer, whatever the script has begun', async () => {
    const blocker = createServer().listen(0, '127.0.0.1');
    await once(blocker, 'listening');
    const { port } = blocker.address() as { port: number };
    const more = `setInterval(() => {}, 1000);\nimport { connect } from 'node:net';\nconnect(${port}, '127.0.0.1');`;
    const running = project({ 'server.js': service(await freePort(), more) }).start(['check', 'server.js']);
    await running.says(/worker web: can listen/);
    const answered = performance.now();
    assert.equal((await running.ended).code, 0);
    assert.ok(performance.now() - answered < 1_000);
    blocker.close();
  });

  it('says that a script which runs calls no runAll', async () => {
    const { code, complaints } = await project({ 'server.js': 'process.exitCode = 0;' }).usta(
      'check',
      'server.js',
    );
    assert.equal(code, 1);
    assert.match(complaints, /^usta: server\.js: it ended without calling Worker\.runAll\(\)[^\n]+\n$/);
  });

  it('says that the running service holds its own port', async () => {
    const port = await freePort();
    const made = project({ 'server.js': service(port) });
    const { printed } = await made.usta('start', 'server.js', '-d');
    const [, pid] = /pid (\d+)/.exec(printed) ?? [];
    assert.deepEqual(await made.usta('check', 'server.js'), {
      code: 0,
      signal: null,
      complaints: '',
      printed: `✓ server.js runs already (pid ${pid}): usta restart takes its place, start is refused\n✓ worker web: 127.0.0.1:${port} is held by the running service (pid ${pid})\n`,
    });
  });
});
