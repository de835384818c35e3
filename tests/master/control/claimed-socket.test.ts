import assert from 'node:assert/strict';
import { existsSync, renameSync, rmSync, statSync, unlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { ClaimedSocket } from '../../../src/master/control/claimed-socket.ts';
import { nodeEngine } from '../../../src/transport/node-engine.ts';
import { Porch } from '../../transport/ear.ts';
import { Site } from './place.ts';

let site: Site;
let claimed: ClaimedSocket;
beforeEach(async () => {
  site = new Site();
  const [path = ''] = site.place.paths;
  const listener = await nodeEngine.listen(
    { kind: 'unix', path: join(site.directory, 'a') },
    {},
    new Porch(),
  );
  renameSync(join(site.directory, 'a'), path);
  claimed = new ClaimedSocket(path, listener);
});
afterEach(async () => {
  await claimed.listener.close();
  await site.leave();
});

describe('ClaimedSocket', () => {
  it('is taken away', () => {
    assert.equal(claimed.isInPlace, true);
    claimed.takeAway();
    assert.equal(existsSync(claimed.path), false);
    assert.equal(claimed.isInPlace, false);
    claimed.takeAway();
  });

  it('leaves another file that is in its place', () => {
    // Made before ours is removed, so that it cannot get the same number.
    writeFileSync(join(site.directory, 'b'), 'of another master');
    unlinkSync(claimed.path);
    renameSync(join(site.directory, 'b'), claimed.path);
    assert.equal(claimed.isInPlace, false);
    claimed.takeAway();
    assert.equal(existsSync(claimed.path), true);
  });

  it('does not mind that its directory has gone', () => {
    rmSync(site.directory, { recursive: true });
    assert.equal(claimed.isInPlace, false);
    claimed.takeAway();
  });

  it('is still the same after it was kept fresh', () => {
    utimesSync(claimed.path, 1000, 1000);
    claimed.keepFresh();
    assert.ok(Date.now() - statSync(claimed.path).mtimeMs < 60_000);
    assert.equal(claimed.isInPlace, true);
  });
});
