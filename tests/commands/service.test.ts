import assert from 'node:assert/strict';
import { userInfo } from 'node:os';
import process from 'node:process';
import { after, describe, it } from 'node:test';
import { Project } from '../master/launch/project.ts';

const project = new Project({ 'chat server.js': '', 'server.js': '' });
after(() => project.end());

describe('usta service systemd', () => {
  it('prints a unit for the script, and nothing else', async () => {
    const { code, printed, complaints } = await project.usta(
      'service',
      'systemd',
      'server.js',
      '--user',
      'daemon',
      '--',
      '--port',
      '9000',
    );
    assert.deepEqual([code, complaints], [0, '']);
    assert.match(printed, /^# \/etc\/systemd\/system\/server\.service\n/);
    assert.match(printed, /^User=daemon$/m);
    assert.match(printed, new RegExp(`^WorkingDirectory=${project.folder}$`, 'm'));
    assert.match(
      printed,
      new RegExp(
        `^ExecStart=${process.execPath} \\S+/usta\\.js start ${project.path('server.js')} -- --port 9000$`,
        'm',
      ),
    );
  });

  it('is for whoever calls it, and says so when that is root', async () => {
    const { username, uid } = userInfo();
    const { printed, complaints } = await project.usta('service', 'systemd', 'server.js', '--name', 'chat');
    const user = process.env.SUDO_USER || username;
    assert.match(printed, new RegExp(`^User=${user}$`, 'm'));
    assert.match(printed, /^# \/etc\/systemd\/system\/chat\.service$/m);
    assert.equal(complaints !== '', uid === 0 && user === 'root');
  });

  const wrong: readonly [words: string[], says: RegExp][] = [
    [['systemd', 'nothing.js'], /^usta: nothing\.js does not exist\n$/],
    [['systemd', 'chat server.js'], /^usta: "chat server" is no name of a unit: .* --name\n$/],
    [
      ['systemd', 'server.js', '--user', 'nobody-at-all'],
      /^usta: there is no user nobody-at-all on this machine; .*\n$/,
    ],
    [['sytemd', 'server.js'], /^usta: usta service does not know "sytemd"; did you mean systemd\?\n$/],
    [['upstart', 'server.js'], /^usta: usta service does not know "upstart"; there is systemd\n$/],
    [['systemd'], /^usta: something is missing; usage: usta service systemd SCRIPT/],
  ];
  for (const [words, says] of wrong) {
    it(`refuses "${words.join(' ')}" in one line, exit code 2`, async () => {
      const { code, printed, complaints } = await project.usta('service', ...words);
      assert.deepEqual([code, printed], [2, '']);
      assert.match(complaints, says);
    });
  }
});
