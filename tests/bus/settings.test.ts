import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setBus } from '../../src/bus/join.ts';
import { readServerUrl } from '../../src/bus/server-url.ts';
import { planBus, secretOf } from '../../src/bus/settings.ts';

const secretKey = 'sixteen letters!';

describe('settings of the bus', () => {
  it('one machine needs nothing', () => {
    const { cluster, remote, secretKey: none } = planBus({});
    assert.ok(cluster.startsWith('/'), 'named by the directory of the script');
    assert.deepEqual([remote, none], [undefined, undefined]);
  });

  it('several machines need a name and a secret', () => {
    const bus = 'nats://10.0.0.1';
    assert.throws(() => planBus({ bus, secretKey }), {
      code: 'E_BUS',
      message: /needs a name: cluster: 'chat'/,
    });
    assert.throws(() => planBus({ bus, cluster: 'chat' }), /needs a secretKey of 16 letters or more/);
    assert.throws(() => planBus({ bus, cluster: 'chat', secretKey: 'short' }), /needs a secretKey/);
    assert.deepEqual(planBus({ bus, cluster: 'chat', secretKey }).remote, { url: bus });
    assert.throws(() => planBus({ cluster: '' }), /cluster is empty/);
  });

  it('its servers are of one kind', () => {
    const plan = (...url: string[]): unknown => planBus({ bus: { url }, cluster: 'chat', secretKey });
    plan('nats://a', 'tls://b');
    assert.throws(() => plan('nats://a', 'redis://b'), /NATS, or Redis/);
    assert.throws(() => plan(), /at least one/);
  });

  it('an address is taken apart', () => {
    const { shown, ...parts } = readServerUrl('redis://ali:p%40ss@[::1]:7000/3');
    assert.deepEqual(parts, {
      scheme: 'redis',
      hostname: '::1',
      port: 7000,
      user: 'ali',
      password: 'p@ss',
      path: '3',
    });
    assert.equal(shown, 'redis://[::1]:7000');
    assert.deepEqual(readServerUrl('tls://bus.example').port, 4222);
  });

  it('what is wrong is told without credentials', () => {
    for (const url of [
      'http://ali:hidden@host',
      'nats//ali:hidden@host',
      'nats://ali:hid/den@',
      'ali:hidden@host',
      'nats://',
    ])
      assert.throws(
        () => planBus({ bus: url, cluster: 'chat', secretKey }),
        ({ code, message }) =>
          code === 'E_BUS' && !/hid|den|ali/.test(message) && /write 'local'/.test(message),
        url,
      );
    setBus({ cluster: 'chat', secretKey, bus: { url: 'nats://a', password: 'hidden password' } });
    setBus({ cluster: 'chat', bus: { url: 'nats://a', password: 'hidden password' } });
    for (const again of [{ secretKey: 'another secret key' }, { bus: 'nats://ali:hidden@b' }])
      assert.throws(
        () => setBus(again),
        ({ message }) => /was set otherwise/.test(message) && !/hidden|secret key/.test(message),
      );
  });

  it('the secret is 32 bytes, and not the text itself', () => {
    assert.equal(secretOf(secretKey).length, 32);
    assert.ok(!secretOf(secretKey).equals(secretOf(`${secretKey}!`)));
  });
});
