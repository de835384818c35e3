import assert from 'node:assert/strict';
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { UsageError } from '../../../src/errors.ts';
import { loadFailure } from '../../../src/master/launch/failure.ts';

const directory = realpathSync(mkdtempSync(join(tmpdir(), 'usta-failure-')));
after(() => rmSync(directory, { recursive: true }));

function file(name: string, text: string): string {
  writeFileSync(join(directory, name), text);
  return join(directory, name);
}

function withStack(error: Error, ...lines: string[]): Error {
  error.stack = [`${error.name}: ${error.message}`, ...lines].join('\n');
  return error;
}

describe('loadFailure', () => {
  it('begins with the innermost place that is the user’s, and keeps the exception as its cause', () => {
    const error = withStack(
      new Error('the database is gone'),
      '    at connect (/srv/app/node_modules/pg/lib/client.js:10:3)',
      '    at open (file:///srv/app/with%20blank/server.js:12:9)',
      '    at file:///srv/app/server.js:30:1',
      '    at ModuleJob.run (node:internal/modules/esm/module_job:325:25)',
    );
    const failure = loadFailure(error, '/srv/app/server.js');
    assert.equal(failure.message, '/srv/app/with blank/server.js:12: the database is gone');
    assert.equal(failure.cause, error);
  });

  it('names the kind of an exception where it says something', () => {
    const error = withStack(new TypeError('x is not a function'), '    at /srv/a.js:1:2');
    assert.equal(loadFailure(error, '/srv/a.js').message, '/srv/a.js:1: TypeError: x is not a function');
  });

  it('tells of what this package has to say without its kind, at the place in the script', () => {
    const error = withStack(new UsageError('E_SCHEME', 'no such scheme'), '    at /srv/a.js:3:2');
    assert.equal(loadFailure(error, '/srv/a.js').message, '/srv/a.js:3: no such scheme');
  });

  it('names the script when no place is known', () => {
    assert.equal(loadFailure(withStack(new Error('gone')), '/srv/a.js').message, '/srv/a.js: gone');
  });

  it('tells of what is thrown without being an exception', () => {
    assert.equal(loadFailure('oh', '/srv/a.js').message, '/srv/a.js: it threw "oh"');
    assert.equal(loadFailure(undefined, '/srv/a.js').message, '/srv/a.js: it threw undefined');
  });

  it('is one line, whatever the exception says', () => {
    const strip = withStack(
      Object.assign(new SyntaxError('\n  x Expression expected\n   ,-[1:1]'), {
        code: 'ERR_INVALID_TYPESCRIPT_SYNTAX',
      }),
      '    at /srv/a.ts:7:1',
    );
    assert.equal(loadFailure(strip, '/srv/a.ts').message, '/srv/a.ts:7: SyntaxError: Expression expected');
    const transform = Object.assign(
      new Error('Transform failed with 1 error:\n/srv/a.ts:1:18: ERROR: Unexpected ";"'),
      {
        name: 'TransformError',
      },
    );
    withStack(transform, '    at failureErrorWithLog (/srv/node_modules/esbuild/lib/main.js:1:1)');
    assert.equal(loadFailure(transform, '/srv/a.ts').message, '/srv/a.ts:1: TransformError: Unexpected ";"');
  });

  it('looks for a mistake in the grammar, which Node does not place, in what the script imports', () => {
    file('wrong.js', 'const a = 1;\n\nconst b = ;\n');
    file('between.js', "export * from './wrong.js';\n");
    const script = file('server.js', "import { readFileSync } from 'node:fs';\nimport './between.js';\n");
    const error = withStack(
      new SyntaxError("Unexpected token ';'"),
      '    at compileSourceTextModule (node:internal/modules/esm/utils:346:16)',
    );
    assert.equal(
      loadFailure(error, script).message,
      `${join(directory, 'wrong.js')}:3: SyntaxError: Unexpected token ';'`,
    );
  });
});
