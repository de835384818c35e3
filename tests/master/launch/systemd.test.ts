import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { systemdUnit, type UnitPlan } from '../../../src/master/launch/systemd.ts';

const PLAN: UnitPlan = {
  script: '/srv/app/server.js',
  node: '/usr/bin/node',
  usta: '/srv/app/node_modules/usta/dist/src/usta.js',
  name: 'app',
  user: 'www-data',
  uid: 33,
  lowPorts: false,
  words: [],
};

const lines = (plan: Partial<UnitPlan> = {}): string[] => systemdUnit({ ...PLAN, ...plan }).split('\n');

describe('systemdUnit', () => {
  it('starts in the foreground, reloads, and drains', () => {
    const unit = lines();
    for (const line of [
      'Type=exec',
      'User=www-data',
      'WorkingDirectory=/srv/app',
      'ExecStart=/usr/bin/node /srv/app/node_modules/usta/dist/src/usta.js start /srv/app/server.js',
      'ExecReload=/usr/bin/node /srv/app/node_modules/usta/dist/src/usta.js reload /srv/app/server.js',
      'KillMode=mixed',
      'Restart=on-failure',
    ]) {
      assert.ok(unit.includes(line), line);
    }
  });

  it('makes the directory in which the command line looks for the control socket', () => {
    assert.ok(lines().includes('RuntimeDirectory=usta-33'));
    assert.ok(lines({ user: 'root', uid: 0 }).includes('RuntimeDirectory=usta'));
  });

  it('gives a right to low ports only when it is asked for, and root has it', () => {
    const right = 'AmbientCapabilities=CAP_NET_BIND_SERVICE';
    assert.ok(!lines().includes(right));
    assert.ok(lines({ lowPorts: true }).includes(right));
    assert.ok(!lines({ lowPorts: true, user: 'root', uid: 0 }).includes(right));
  });

  it('never forbids what Node needs: writing code that it runs', () => {
    assert.ok(!lines().some((line) => line.startsWith('MemoryDenyWriteExecute')));
  });

  it('escapes what systemd would read otherwise', () => {
    const unit = lines({ script: '/srv/my "100%" $app/server.js', words: ['--port', '9000', 'a b'] });
    assert.ok(
      unit.some((line) => line.endsWith('start "/srv/my \\"100%%\\" $$app/server.js" -- --port 9000 "a b"')),
    );
    assert.ok(unit.includes('WorkingDirectory=/srv/my "100%%" $app'));
  });
});
