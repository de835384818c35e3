import assert from 'node:assert/strict';
import { networkInterfaces } from 'node:os';
import { describe, it } from 'node:test';
import { UsageError, Worker } from 'usta';
import { bind } from '../../src/transport/bind.ts';
import { proveSocketWords } from '../../src/worker/socket-words.ts';

describe('the socket context', () => {
  it("takes Workerman's words", () => {
    proveSocketWords({ backlog: 102_400, ipv6_v6only: true, tcp_nodelay: true, so_reuseport: false });
  });

  it('refuses what cannot be had, and says why', () => {
    assert.throws(
      () => proveSocketWords({ tcp_nodelay: false as true }),
      /socket\.tcp_nodelay takes true: it is always on, not false/,
    );
    assert.throws(() => proveSocketWords({ backlog: 0 }), /socket\.backlog takes a number above 0, not 0/);
  });

  it('names the word that was meant', () => {
    const make = (socket: object): unknown => new Worker('tcp://127.0.0.1:0', { socket });
    assert.throws(() => make({ baklog: 5 }), {
      message: 'socket has no word "baklog"; did you mean backlog?',
    });
    assert.throws(() => make({ bindto: '0.0.0.0:0' }), /it is for clients/);
    assert.throws(() => make({ baklog: 5 }), UsageError);
  });

  it('ipv6_v6only leaves the port to IPv4', () => {
    const hasIpv6 = Object.values(networkInterfaces()).some((all) =>
      all?.some(({ address }) => address === '::1'),
    );
    if (!hasIpv6) return assert.throws(() => bind({ kind: 'ip', host: '::', port: 0 }, { ipv6Only: true }));
    const six = bind({ kind: 'ip', host: '::', port: 0 }, { ipv6Only: true });
    const four = bind({ kind: 'ip', host: '0.0.0.0', port: six.port });
    assert.equal(four.port, six.port);
    four.close();
    six.close();
  });
});
