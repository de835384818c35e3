/** A unit as systemd reads it, and a service as the first process of a container. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { after, describe, it } from 'node:test';
import { freePort } from '../fixtures/free-port.ts';
import { ask, gone, isAlive, Project, Running, service } from '../master/launch/project.ts';
import { ensure } from './debian.ts';

const ROOT = join(import.meta.dirname ?? '.', '..', '..', '..');
const projects: Project[] = [];
after(() => Promise.all(projects.map((one) => one.end())));

function project(files: Readonly<Record<string, string>>): Project {
  const made = new Project(files);
  projects.push(made);
  return made;
}

describe('usta service systemd', () => {
  for (const words of [
    ['server.js', '--user', 'daemon'],
    ['server.js', '--user', 'daemon', '--low-ports', '--', '--port', '9000'],
    ['my chat $1 100%/server.js', '--user', 'root'],
  ]) {
    it(`prints what systemd understands: ${words.join(' ')}`, async () => {
      ensure('systemd');
      const made = project({ 'server.js': '', 'my chat $1 100%/server.js': '' });
      const { printed } = await made.usta('service', 'systemd', ...words);
      made.write('chat.service', printed);
      const { status, stderr } = spawnSync(
        'systemd-analyze',
        ['verify', '--man=no', made.path('chat.service')],
        {
          encoding: 'utf8',
          timeout: 30_000,
        },
      );
      assert.equal(
        stderr
          .split('\n')
          .filter((line) => line.includes('chat.service'))
          .join('\n'),
        '',
      );
      assert.equal(status, 0, stderr);
    });
  }
});

describe('docs/how-to/containers.md', () => {
  const page = readFileSync(join(ROOT, 'docs', 'how-to', 'containers.md'), 'utf8');
  /** With the Node that runs the tests. */
  const listed = (pattern: RegExp): string[] => {
    const [program, ...words] = JSON.parse(pattern.exec(page)?.[1] ?? '[]') as string[];
    assert.equal(program, 'node');
    return [process.execPath, ...words];
  };

  it('has a CMD that serves as process 1, and drains on SIGTERM', async () => {
    const port = await freePort();
    const made = project({ 'server.js': service(port) });
    const { running, first } = await container(made, listed(/^CMD (\[.*\])$/m));
    await running.says(/pid:1 worker web: http on 127\.0\.0\.1/);
    assert.match(await ask(port), /^\d+ $/);
    process.kill(first, 'SIGTERM');
    assert.equal((await running.ended).code, 0);
    await gone(first);
  });

  it('ends at once on SIGTERM while the script still loads', async () => {
    const made = project({
      'server.js': "console.log('loading'); await new Promise((resolve) => setTimeout(resolve, 30_000));",
    });
    const { running, first } = await container(made, [
      process.execPath,
      join(ROOT, 'dist/src/usta.js'),
      'start',
      'server.js',
    ]);
    await running.says(/loading/);
    process.kill(first, 'SIGTERM');
    assert.equal((await running.ended).code, 143);
  });

  it('has the line with which -d is refused', async () => {
    const made = project({ 'server.js': service(await freePort()) });
    const usta = [process.execPath, join(ROOT, 'dist/src/usta.js'), 'start', 'server.js', '-d'];
    const { running } = await container(made, usta);
    const { code, complaints } = await running.ended;
    assert.equal(code, 2);
    assert.ok(page.includes(complaints), complaints);
  });

  it('has a health check that fails when nobody answers', () => {
    const [program = '', ...words] = listed(/^HEALTHCHECK .*\\\n *CMD (\[.*\])$/m);
    const { status } = spawnSync(program, words, { timeout: 10_000 });
    assert.equal(status, 1);
  });
});

/** Runs a command as the first process of a process table of its own. */
async function container(
  made: Project,
  words: readonly string[],
): Promise<{ running: Running; first: number }> {
  ensure('util-linux');
  const options = { cwd: made.folder, env: made.environment };
  const running = new Running(
    'unshare',
    ['--pid', '--fork', '--mount-proc', '--kill-child', ...words],
    options,
  );
  for (const deadline = Date.now() + 5_000; Date.now() < deadline; ) {
    const children = readFileSync(`/proc/${running.pid}/task/${running.pid}/children`, 'utf8').trim();
    if (children !== '' && isAlive(Number(children))) return { running, first: Number(children) };
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  throw new Error('nothing was started');
}
