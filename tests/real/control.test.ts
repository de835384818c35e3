/** The control socket between users: needs root, to be another user (nobody) in some of its processes. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  lchownSync,
  mkdirSync,
  readdirSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { afterEach, before, beforeEach, describe, it } from 'node:test';
import { askMaster } from '../../src/master/control/control-client.ts';
import { knownServices } from '../../src/master/control/known-services.ts';
import { startedByOthers } from '../../src/master/control/other-users.ts';
import { controlPlace } from '../../src/master/control/socket-path.ts';
import { runtimeDirectories } from '../../src/runtime-directory.ts';
import { Script } from '../fixtures/script.ts';
import { Site } from '../master/control/place.ts';

const NOBODY = 65534;

let site: Site;
before(() => assert.equal(process.getuid?.(), 0, 'these tests need root'));
beforeEach(() => {
  site = new Site();
  chmodSync(site.directory, 0o1777);
});
afterEach(() => site.leave());

describe('the control socket between users', { timeout: 60_000 }, () => {
  it('is not for another user: the directory is refused, in one line', async () => {
    const directory = owned('usta', 0);
    const master = await start(directory);
    const client = new Script('tests/master/control/client.js', [placeIn(directory), String(NOBODY)]);
    await client.printed(
      /^E_OTHER_USER .*usta belongs to another user \(uid 0\): become that user \(sudo -u '#0'\)/,
    );
    await master.end();
  });

  it('is of mode 0600: another user cannot connect even where the directory lets him', async () => {
    const directory = owned('usta', 0);
    await start(directory);
    chmodSync(directory, 0o755);
    const code = `require('net').connect(process.argv[1]).on('error', (e) => console.log(e.code)).on('connect', () => console.log('in'))`;
    const { stdout } = spawnSync(process.execPath, ['-e', code, placeIn(directory)], {
      uid: NOBODY,
      encoding: 'utf8',
    });
    assert.equal(stdout.trim(), 'EACCES');
  });

  it('never is in a directory that another user has made before us', async () => {
    const directory = owned('usta', NOBODY);
    const master = await start(directory, 0, /refused (.*)/);
    assert.match(master.output, /E_OTHER_USER .* belongs to another user \(uid 65534\)/);
    await assert.rejects(askMaster(controlPlace('/srv/game.js', { USTA_RUNTIME_DIR: directory }), STATUS), {
      code: 'E_OTHER_USER',
    });
    await assert.rejects(knownServices({ USTA_RUNTIME_DIR: directory }), { code: 'E_OTHER_USER' });
    assert.deepEqual(readdirSync(directory), []);
  });

  it('never is where the symbolic link of another user leads', async () => {
    const target = owned('target', 0);
    const link = join(site.directory, 'usta');
    symlinkSync(target, link);
    lchownSync(link, NOBODY, NOBODY);
    await start(link, 0, /refused E_OTHER_USER/);
    assert.deepEqual(readdirSync(target), []);
  });

  it('serves a user who is not root', async () => {
    const directory = join(site.directory, 'usta');
    const master = await start(directory, NOBODY);
    const client = new Script('tests/master/control/client.js', [placeIn(directory), String(NOBODY)]);
    await client.printed(/E_GONE/);
    assert.deepEqual(await master.exited, { code: 0, signal: null });
  });

  it('is named to root when somebody else has started the service', () => {
    const place = controlPlace('/srv/game.js', { USTA_RUNTIME_DIR: site.directory });
    const name = placeIn('').slice(1);
    for (const way of ['user/65534/usta', 'usta-65534']) {
      const root = join(site.directory, way.replaceAll('/', '-'));
      mkdirSync(join(root, way), { recursive: true });
      writeFileSync(join(root, way, name), '');
      chownSync(join(root, way, name), NOBODY, NOBODY);
      assert.equal(startedByOthers(place, [root]), "; uid 65534 has started it: use sudo -u '#65534'");
    }
  });

  it('tells another user that root has services', async () => {
    mkdirSync(join(site.directory, 'usta'));
    process.seteuid?.(NOBODY);
    try {
      const place = { script: '/srv/game.js', paths: ['/nowhere/a.sock'] };
      assert.equal(
        startedByOthers(place, [site.directory]),
        '; root has services here: if it is one of them, use sudo',
      );
    } finally {
      process.seteuid?.(0);
    }
  });

  it('of root is in /run, of others in their session or in /tmp', () => {
    assert.equal(runtimeDirectories({})[0], '/run/usta');
    assert.equal(runtimeDirectories({}).at(-1), '/tmp/usta-0');
  });
});

const STATUS = { version: 1, command: 'status' } as const;

function owned(name: string, uid: number): string {
  const directory = join(site.directory, name);
  mkdirSync(directory, { mode: 0o700 });
  chownSync(directory, uid, uid);
  return directory;
}

function placeIn(directory: string): string {
  const [path = ''] = controlPlace('/srv/game.js', { USTA_RUNTIME_DIR: directory || '/' }).paths;
  assert.equal(dirname(path), directory || '/');
  return path;
}

async function start(directory: string, uid: number = 0, prints: RegExp = /serving/): Promise<Script> {
  const words = ['/srv/game.js', String(uid)];
  const script = new Script('tests/master/control/master.js', words, { USTA_RUNTIME_DIR: directory });
  site.undo(() => script.end());
  await script.printed(prints);
  return script;
}
