import assert from 'node:assert/strict';
import process from 'node:process';
import { after, describe, it } from 'node:test';
import { freePort } from '../fixtures/free-port.ts';
import { ask, gone, isAlive, Project, service } from '../master/launch/project.ts';

const projects: Project[] = [];
after(() => Promise.all(projects.map((one) => one.end())));

/** A project with a service in the background. */
async function serving(port: number): Promise<{ made: Project; pid: number }> {
  const made = new Project({ 'server.js': service(port) });
  projects.push(made);
  const { code, printed, complaints } = await made.usta('start', 'server.js', '-d');
  assert.equal(code, 0, complaints);
  return { made, pid: Number(/pid (\d+)/.exec(printed)?.[1]) };
}

describe('usta restart', () => {
  for (const graceful of [[], ['-g']]) {
    it(`stops the service and starts it anew: ${['-d', ...graceful].join(' ')}`, async () => {
      const port = await freePort();
      const { made, pid } = await serving(port);
      const { code, printed, complaints } = await made.usta(
        'restart',
        'server.js',
        '-d',
        ...graceful,
        '--',
        'two',
      );
      assert.equal(code, 0, complaints);
      assert.match(complaints, /^server\.js is stopped$/m);
      const [, next] = /serves in the background \(pid (\d+)\)/.exec(printed) ?? [];
      assert.notEqual(Number(next), pid);
      await gone(pid);
      assert.match(await ask(port), /^\d+ two$/);
    });
  }

  it('starts what does not run, and says so', async () => {
    const port = await freePort();
    const made = new Project({ 'server.js': service(port) });
    projects.push(made);
    const { code, complaints } = await made.usta('restart', 'server.js', '-d');
    assert.equal(code, 0, complaints);
    assert.match(complaints, /^server\.js is not running$/m);
    assert.match(await ask(port), /^\d+/);
  });

  it('leaves the old one alone when the new one could not start, exit code 1', async () => {
    const port = await freePort();
    const { made, pid } = await serving(port);
    made.write('server.js', "throw new Error('half an edit');\n");
    const broken = await made.usta('restart', 'server.js', '-d');
    assert.deepEqual([broken.code, broken.complaints], [1, 'usta: server.js:1: half an edit\n']);
    made.write('server.js', service(port, 'worker.count = 0;'));
    const wrong = await made.usta('restart', 'server.js', '-d');
    assert.equal(wrong.code, 1);
    assert.match(
      wrong.complaints,
      /^✗ worker web: count has to be .*\nusta: it could not start: nothing was stopped\n$/,
    );
    assert.ok(isAlive(pid));
    assert.match(await ask(port), /^\d+/);
    process.kill(pid, 'SIGTERM');
    await gone(pid);
  });
});
