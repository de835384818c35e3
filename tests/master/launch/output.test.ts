import assert from 'node:assert/strict';
import { closeSync, mkdtempSync, rmSync, statSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { after, describe, it } from 'node:test';
import { boundOutput, openOutput, printedSince } from '../../../src/master/launch/output.ts';

const directory = mkdtempSync(join(tmpdir(), 'usta-output-'));
const script = join(directory, 'server.js');
process.env.USTA_RUNTIME_DIR = join(directory, 'run');
after(() => rmSync(directory, { recursive: true }));

describe('openOutput', () => {
  it('keeps what is there, and knows what is new', () => {
    writeFileSync(join(directory, 'out.log'), 'before\n');
    const output = openOutput(script, 'out.log');
    writeSync(output.descriptor, 'one\ntwo\n');
    assert.equal(printedSince(output), 'one\ntwo');
    closeSync(output.descriptor);
    assert.equal(statSync(output.path).size, 15);
  });

  it('is a file beside the control socket unless one is named, for nobody else to read', () => {
    const output = openOutput(script, undefined);
    closeSync(output.descriptor);
    assert.match(output.path, /\/run\/server-[0-9a-f]{8}\.out$/);
    assert.equal(statSync(join(directory, 'run')).mode & 0o777, 0o700);
  });

  it('takes /dev/null', () => {
    const output = openOutput(script, '/dev/null');
    assert.equal(printedSince(output), '');
    closeSync(output.descriptor);
  });

  it('says why it cannot be written', () => {
    for (const [file, code] of [
      [directory, 'EISDIR'],
      ['no/such.log', 'ENOENT'],
    ] as const) {
      assert.throws(() => openOutput(script, file), {
        code,
        message: /^the output of the daemon cannot be written to \/.* \(E\w+\)$/,
      });
    }
  });

  it('tells the end of what was printed', () => {
    const output = openOutput(script, 'long.log');
    writeSync(output.descriptor, `${'x'.repeat(10_000)}\nthe end\n`);
    assert.match(printedSince(output), /^x{4087}\nthe end$/);
    closeSync(output.descriptor);
  });
});

describe('boundOutput', () => {
  it('has a file begin anew when it has become too large, and goes on at its beginning', async () => {
    const output = openOutput(script, 'bound.log');
    writeSync(output.descriptor, 'x'.repeat(101));
    const stop = boundOutput(output.descriptor, 100, 5);
    for (const deadline = Date.now() + 5_000; statSync(output.path).size > 0; ) {
      assert.ok(Date.now() < deadline, 'it was not cut');
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    stop();
    writeSync(output.descriptor, 'anew');
    assert.equal(statSync(output.path).size, 4);
    closeSync(output.descriptor);
  });
});
