import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { probe } from '../../../src/master/control/probe.ts';
import { Site } from './place.ts';

let site: Site;
beforeEach(() => {
  site = new Site();
});
afterEach(() => site.leave());

describe('probe', () => {
  it('is missing where there is nothing', async () => {
    assert.equal(await probe(join(site.directory, 'a.sock')), 'missing');
    assert.equal(await probe('/nowhere/at/all.sock'), 'missing');
  });

  it('is living as long as somebody listens, also under another name, and dead afterwards', async () => {
    const server = createServer().listen(join(site.directory, 'a'));
    await once(server, 'listening');
    renameSync(join(site.directory, 'a'), join(site.directory, 'a.sock'));
    assert.equal(await probe(join(site.directory, 'a.sock')), 'living');
    server.close();
    assert.equal(await probe(join(site.directory, 'a.sock')), 'dead');
  });

  it('is living where nobody accepts: the room for those who wait does not count', async () => {
    const server = createServer().listen({ path: join(site.directory, 'a.sock'), backlog: 1 });
    site.undo(() => server.close());
    await once(server, 'listening');
    const pulses = await Promise.all(Array.from({ length: 50 }, () => probe(join(site.directory, 'a.sock'))));
    assert.deepEqual(new Set(pulses), new Set(['living']));
  });

  it('is dead where a file or a directory is in its place', async () => {
    writeFileSync(join(site.directory, 'file'), '');
    mkdirSync(join(site.directory, 'directory'));
    assert.equal(await probe(join(site.directory, 'file')), 'dead');
    assert.equal(await probe(join(site.directory, 'directory')), 'dead');
  });
});
