/** The examination that every store of sessions sits. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, it } from 'node:test';
import type { SessionStore } from '../../src/session/session-store.ts';

let count = 0;

export function newKey(): string {
  return createHash('sha256').update(`${process.pid} ${++count}`).digest('hex');
}

/**
 * @param stores two that share what is in them, as two processes do.
 * @param expire lets all time limits of this key pass.
 */
export function examineStore(
  name: string,
  stores: () => readonly [SessionStore, SessionStore],
  expire: (key: string) => Promise<void>,
): void {
  describe(`${name}: the examination of stores`, () => {
    const loaded = async (key: string) => {
      const [one, other] = await Promise.all(stores().map((store) => store.load(key)));
      assert.deepEqual([one?.text, one?.version], [other?.text, other?.version], 'both see the same');
      return one && [one.text, one.version];
    };

    it('knows nothing of what was not saved', async () => {
      assert.equal(await loaded(newKey()), undefined);
      await stores()[0].touch(newKey(), 10);
      await stores()[0].delete(newKey());
    });

    it('keeps what was saved, any text, with its version and its time', async () => {
      const key = newKey();
      const text = 'é\r\n\0"\\'.repeat(5000);
      assert.equal(await stores()[0].save(key, text, { after: 0, seconds: 100 }), true);
      assert.deepEqual(await loaded(key), [text, 1]);
      const left = (await stores()[1].load(key))?.secondsLeft ?? 0;
      assert.ok(left > 90 && left <= 100.01, `${left}`);
    });

    it('writes only on the version that is there', async () => {
      const [one, other] = stores();
      const key = newKey();
      assert.equal(await one.save(key, 'x', { after: 1, seconds: 100 }), false, 'nothing is there');
      assert.equal(await loaded(key), undefined);
      assert.equal(await one.save(key, 'a', { after: 0, seconds: 100 }), true);
      assert.equal(await other.save(key, 'b', { after: 0, seconds: 100 }), false, 'one is there');
      assert.equal(await other.save(key, 'c', { after: 1, seconds: 100 }), true);
      assert.equal(await one.save(key, 'd', { after: 1, seconds: 100 }), false, 'it is late');
      for (const after of [2, 3, 4])
        assert.equal(await one.save(key, `${after}`, { after, seconds: 100 }), true);
      assert.equal(await other.save(key, 'e', { after: 2, seconds: 100 }), false, 'it is very late');
      assert.deepEqual(await loaded(key), ['4', 5]);
    });

    it('of many who write at the same time lets one succeed', async () => {
      const key = newKey();
      await stores()[0].save(key, '', { after: 0, seconds: 100 });
      const writes = Array.from({ length: 20 }, (_, index) =>
        stores()[index % 2 === 0 ? 0 : 1].save(key, `${index}`, { after: 1, seconds: 100 }),
      );
      const winners = (await Promise.all(writes)).flatMap((won, index) => (won ? [`${index}`] : []));
      assert.equal(winners.length, 1);
      assert.deepEqual(await loaded(key), [winners[0], 2]);
    });

    it('loses no write of those who try again', async () => {
      const key = newKey();
      await stores()[0].save(key, '0', { after: 0, seconds: 100 });
      const increment = async (store: SessionStore): Promise<void> => {
        for (;;) {
          const { text, version } = (await store.load(key)) ?? { text: '', version: -1 };
          if (await store.save(key, `${Number(text) + 1}`, { after: version, seconds: 100 })) return;
        }
      };
      await Promise.all(
        Array.from({ length: 12 }, (_, index) => increment(stores()[index % 2 === 0 ? 0 : 1])),
      );
      assert.deepEqual(await loaded(key), ['12', 13]);
    });

    it('lets it live longer when it is touched, without another version', async () => {
      const key = newKey();
      await stores()[0].save(key, 'a', { after: 0, seconds: 50 });
      await stores()[1].touch(key, 100);
      const found = await stores()[0].load(key);
      assert.ok(found && found.secondsLeft > 90);
      assert.equal(found.version, 1);
    });

    it('deletes, and lets nobody build on what was deleted', async () => {
      const [one, other] = stores();
      const key = newKey();
      await one.save(key, 'a', { after: 0, seconds: 100 });
      await other.delete(key);
      assert.equal(await loaded(key), undefined);
      assert.equal(await one.save(key, 'b', { after: 1, seconds: 100 }), false);
      assert.equal(await loaded(key), undefined);
    });

    it('does not give out what has expired', async () => {
      const key = newKey();
      await stores()[0].save(key, 'a', { after: 0, seconds: 0.05 });
      await expire(key);
      assert.equal(await loaded(key), undefined);
      assert.equal(await stores()[0].save(key, 'b', { after: 1, seconds: 100 }), false);
    });
  });
}
