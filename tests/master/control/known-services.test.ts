import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { knownServices } from '../../../src/master/control/known-services.ts';
import { controlPlace } from '../../../src/master/control/socket-path.ts';
import { Script } from '../../fixtures/script.ts';
import { Site } from './place.ts';

let site: Site;
let environment: { readonly USTA_RUNTIME_DIR: string };
beforeEach(() => {
  site = new Site();
  environment = { USTA_RUNTIME_DIR: join(site.directory, 'usta') };
});
afterEach(() => site.leave());

describe('knownServices', { timeout: 30_000 }, () => {
  it('is empty without a directory, and with an empty one', async () => {
    assert.deepEqual(await knownServices(environment), []);
    mkdirSync(environment.USTA_RUNTIME_DIR, { mode: 0o700 });
    assert.deepEqual(await knownServices(environment), []);
  });

  it('lists who lives, by the names of the scripts, and nobody else', async () => {
    const [game, chat, killed] = [
      await start('/srv/game.js'),
      await start('/srv/chat.js'),
      await start('/srv/x.js'),
    ];
    await killed.end('SIGKILL');
    for (const name of ['a.sock', 'file-12345678.sock', '12345678.abcd', 'server.pem'])
      writeFileSync(join(environment.USTA_RUNTIME_DIR, name), '');
    assert.deepEqual(await knownServices(environment), [
      { path: controlPlace('/srv/chat.js', environment).paths[0], pid: chat.pid, script: '/srv/chat.js' },
      { path: controlPlace('/srv/game.js', environment).paths[0], pid: game.pid, script: '/srv/game.js' },
    ]);
  });

  it('lists who does not answer by its socket alone, and does not wait for it longer than a second', async () => {
    const stopped = await start('/srv/game.js');
    stopped.process.kill('SIGSTOP');
    const started = Date.now();
    assert.deepEqual(await knownServices(environment), [
      { path: controlPlace('/srv/game.js', environment).paths[0] },
    ]);
    assert.ok(Date.now() - started < 3_000);
  });

  it('looks into no directory that is open to others', async () => {
    await start('/srv/game.js');
    chmodSync(environment.USTA_RUNTIME_DIR, 0o755);
    await assert.rejects(knownServices(environment), { code: 'E_NOT_PRIVATE', message: /chmod 700/ });
  });
});

async function start(path: string): Promise<Script> {
  const script = new Script('tests/master/control/master.js', [path], environment);
  site.undo(() => script.end('SIGKILL'));
  await script.printed(/serving/);
  return script;
}
