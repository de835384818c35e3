import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { startedByOthers } from '../../../src/master/control/other-users.ts';
import { ownUid } from '../../../src/runtime-directory.ts';
import { Site } from './place.ts';

let site: Site;
beforeEach(() => {
  site = new Site();
});
afterEach(() => site.leave());

/** What there is of others takes others: tests/real/control.test.ts. */
describe('startedByOthers', () => {
  it('says nothing where nobody has anything', () => {
    assert.equal(startedByOthers(site.place, [site.directory, '/nowhere/at/all']), '');
  });

  it('says nothing of what root has when root asks, nor of a directory that only has the name', () => {
    mkdirSync(join(site.directory, 'usta'));
    writeFileSync(join(site.directory, 'usta', basename(site.place.paths[0] ?? '')), '');
    mkdirSync(join(site.directory, 'user', String(ownUid()), 'usta'), { recursive: true });
    assert.equal(startedByOthers(site.place, [site.directory]), '');
  });
});
