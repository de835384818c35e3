import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { checkScript } from '../../../src/master/launch/check.ts';
import { findScript } from '../../../src/master/launch/script.ts';
import { Project } from './project.ts';

const project = new Project({
  'waits.js': 'setInterval(() => {}, 1000);',
  'hangs.js': 'for (;;);',
  'dies.js': "process.kill(process.pid, 'SIGKILL');",
});
after(() => project.end());

describe('checkScript', () => {
  const rows: readonly [script: string, says: RegExp][] = [
    ['waits.js', /waits\.js: it has not called Worker\.runAll\(\) within 0\.5 s; /],
    ['hangs.js', /^hangs\.js ended with signal SIGKILL before it called Worker\.runAll\(\)$/],
    ['dies.js', /^dies\.js ended with signal SIGKILL before it called Worker\.runAll\(\)$/],
  ];
  for (const [script, says] of rows) {
    it(`does not wait for ever: ${script}`, async () => {
      const runnable = findScript(project.path(script));
      await assert.rejects(checkScript(runnable, { words: [], patienceMs: 500 }), { message: says });
    });
  }
});
