import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { SystemError } from '../../src/errors.ts';
import { cannotListen } from '../../src/transport/listen-error.ts';

describe('cannotListen', () => {
  it('says where, what to do and the code, in one line', () => {
    const error = cannotListen({ kind: 'ip', host: '0.0.0.0', port: 80 }, 'EACCES');
    assert.ok(error instanceof SystemError);
    assert.equal(error.code, 'EACCES');
    assert.equal(
      error.message,
      'cannot listen on 0.0.0.0:80: not permitted; ports below 1024 need root or CAP_NET_BIND_SERVICE (EACCES)',
    );
  });

  it('gives other advice for a Unix socket', () => {
    const { message } = cannotListen({ kind: 'unix', path: '/nowhere/a.sock' }, 'EACCES');
    assert.match(message, /^cannot listen on unix:\/nowhere\/a\.sock: the directory does not exist/);
    assert.doesNotMatch(message, /port/);
  });

  it("lets the system's own words stand where there is no advice, and keeps the cause", () => {
    const cause = new Error('listen EMFILE: too many open files');
    const error = cannotListen({ kind: 'ip', host: '::', port: 80 }, 'EMFILE', cause);
    assert.equal(error.message, 'cannot listen on [::]:80: listen EMFILE: too many open files (EMFILE)');
    assert.equal(error.cause, cause);
  });
});
