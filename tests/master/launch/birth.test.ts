import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import process from 'node:process';
import { describe, it } from 'node:test';
import { birthOf } from '../../../src/master/launch/birth.ts';

describe('birthOf', () => {
  it('is the same each time, and another one for another process', async () => {
    const child = spawn(process.execPath, ['-e', 'process.stdin.resume()'], {
      stdio: ['pipe', 'ignore', 'ignore'],
    });
    await once(child, 'spawn');
    const own = birthOf(process.pid);
    assert.ok(own);
    assert.equal(birthOf(process.pid), own);
    assert.notEqual(birthOf(child.pid ?? 0), own);
    child.stdin?.end();
    await once(child, 'exit');
    assert.equal(birthOf(child.pid ?? 0), undefined);
  });

  it('is unknown of what is no process', () => {
    assert.equal(birthOf(2 ** 30), undefined);
  });
});
