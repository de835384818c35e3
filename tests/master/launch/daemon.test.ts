import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { after, describe, it } from 'node:test';
import { gone, Project } from './project.ts';

const SERVICE = join(import.meta.dirname ?? '.', 'daemon-service.js');

const project = new Project();
after(() => project.end());

describe('startDaemon', () => {
  it('has what is printed appended to stdoutFile, by the master and its processes', async () => {
    project.write('out.log', 'before\n');
    const { code, printed } = await project.node([SERVICE], { OUTPUT: project.path('out.log') }).ended;
    assert.equal(code, 0);
    const { pid, output } = JSON.parse(printed) as { pid: number; output: string };
    assert.equal(output, project.path('out.log'));
    const text = readFileSync(output, 'utf8');
    assert.match(text, /^before\n/);
    assert.equal(text.match(/^printed to standard output$/gm)?.length, 2);
    assert.match(text, new RegExp(`pid:${pid} worker web: http on`));
    process.kill(pid, 'SIGTERM');
    await gone(pid);
  });

  it('says in one line that the output cannot be written', async () => {
    const { printed } = await project.node([SERVICE], { OUTPUT: '/no/such/folder/out.log' }).ended;
    assert.equal(printed, 'the output of the daemon cannot be written to /no/such/folder/out.log (ENOENT)\n');
  });

  it('ends a service that does not stand in time, all of it', async () => {
    const { printed } = await project.node([SERVICE], { HANG: '1', PATIENCE: '3000' }).ended;
    assert.match(printed, /^the service did not stand within 3 s; its output: \S+\.out\n$/);
    for (const pid of processesOf(project.path('run'))) await gone(pid);
  });
});

/** All processes whose environment names that runtime directory. */
function processesOf(directory: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/environ`, 'utf8').includes(`USTA_RUNTIME_DIR=${directory}\0`);
      } catch {
        return false;
      }
    });
}
