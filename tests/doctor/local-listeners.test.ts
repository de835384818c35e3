/** What lists listening sockets, read: the kernel's tables, lsof, ss. All captured from the same moment. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readLsof, readSocketTable, readSs, shownPlace } from '../../src/doctor/local/listeners.ts';
import { userName } from '../../src/doctor/local/owners.ts';

const TCP = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 00000000:251D 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 6364540 1 00000000417b0310 100 0 0 10 0
   1: 0100007F:4A37 00000000:0000 0A 00000000:00000003 00:00000000 00000000  1000        0 6364541 1 00000000e180f5a6 100 0 0 10 0
   2: 0100007F:B446 0100007F:251F 06 00000000:00000000 03:00000BB1 00000000     0        0 0 3 00000000febf9cc8
`;
const TCP6 = `  sl  local_address                         remote_address                        st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 00000000000000000000000000000000:4A36 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 6486046 1 0000000079c8d8b6 100 0 0 10 0
   1: B80D012000000000000000000A000000:4A35 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 6486047 1 0000000079c8d8b6 100 0 0 10 0
   2: 0000000000000000FFFF00000100007F:4A34 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 6486048 1 0000000079c8d8b6 100 0 0 10 0
   3: 00000000000000000000000001000000:4A33 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 6486049 1 0000000079c8d8b6 100 0 0 10 0
`;
const LSOF = ['p7042', 'cnode', 'Lroot', 'f18', 'tIPv4', 'n127.0.0.1:18999', 'f19', 'tIPv6', 'n*:18998', ''];
const SS = `LISTEN 0      511        127.0.0.1:18999      0.0.0.0:*    users:(("node",pid=7042,fd=18))
LISTEN 0      4096         0.0.0.0:9501       0.0.0.0:*
LISTEN 2      511                *:18997            *:*    users:(("node",pid=7042,fd=20))
LISTEN 0      511             [::]:18998         [::]:*    users:(("node",pid=7042,fd=19))
LISTEN 0      511  127.0.0.53%lo:53             0.0.0.0:*    users:(("systemd-resolve",pid=7,fd=19))
`;

describe('/proc/net/tcp', () => {
  it('has what listens, and nothing of what is connected', () => {
    const sockets = readSocketTable(TCP);
    assert.deepEqual(sockets.map(shownPlace), ['0.0.0.0:9501', '127.0.0.1:18999']);
    assert.deepEqual(sockets[1], {
      host: '127.0.0.1',
      port: 18999,
      family: 4,
      inode: 6364541,
      uid: 1000,
      waiting: 3,
    });
  });

  it('has IPv6 addresses in words of the machine, and IPv4 in IPv6 as what it is', () => {
    const sockets = readSocketTable(TCP6);
    assert.deepEqual(sockets.map(shownPlace), [
      '[::]:18998',
      '[2001:db8::a]:18997',
      '127.0.0.1:18996',
      '[::1]:18995',
    ]);
    assert.deepEqual(
      sockets.map(({ family }) => family),
      [6, 6, 4, 6],
    );
  });

  it('is empty when there is no row, and survives what is none', () => {
    assert.deepEqual(readSocketTable(''), []);
    assert.deepEqual(readSocketTable('one\ntwo three four\n\u0000'), []);
  });
});

describe('lsof and ss', () => {
  it('lsof tells place, process and user', () => {
    assert.deepEqual(readLsof(LSOF.join('\n')), [
      { host: '127.0.0.1', port: 18999, family: 4, owner: { pid: 7042, program: 'node', user: 'root' } },
      { host: '::', port: 18998, family: 6, owner: { pid: 7042, program: 'node', user: 'root' } },
    ]);
  });

  it('ss tells place, queue and, to who may know, the process', () => {
    const sockets = readSs(SS);
    assert.deepEqual(sockets.map(shownPlace), [
      '127.0.0.1:18999',
      '0.0.0.0:9501',
      '[::]:18997',
      '[::]:18998',
      '127.0.0.53:53',
    ]);
    assert.deepEqual(sockets[0]?.owner, { pid: 7042, program: 'node' });
    assert.equal(sockets[1]?.owner, undefined);
    assert.equal(sockets[2]?.waiting, 2);
  });
});

describe('/etc/passwd', () => {
  it('names a user by the number, and a number that has none by itself', () => {
    const passwd = 'root:x:0:0:root:/root:/bin/sh\nwww-data:x:33:33:www:/var/www:/bin/false\n';
    assert.equal(userName(passwd, 33), 'www-data');
    assert.equal(userName(passwd, 4711), '4711');
  });
});
