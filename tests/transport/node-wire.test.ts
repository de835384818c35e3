import assert from 'node:assert/strict';
import { Socket } from 'node:net';
import { describe, it } from 'node:test';
import type { Address } from '../../src/transport/address.ts';
import { endsOf, NodeWire } from '../../src/transport/node-wire.ts';
import { Ear } from './ear.ts';

const NOWHERE: Address = { kind: 'ip', host: '', port: 0 };

describe('node wire', { timeout: 5_000 }, () => {
  it('does not count as sent what a broken socket cannot take', async () => {
    const { socket, ear } = wireOver(new Socket());
    socket.destroy(new Error('broken'));
    ear.wire.out.writeLatin1('hello');
    ear.wire.end();
    assert.deepEqual([ear.wire.bufferedBytes, ear.reported], [5, 5]);
    const { error } = await ear.closes();
    assert.equal(error?.message, 'broken');
    assert.deepEqual([ear.wire.bufferedBytes, ear.reported], [0, 5]);
  });

  it('hears nothing of a socket that was replaced', async () => {
    const { wire, socket, ear } = wireOver(new Socket());
    const next = new Socket();
    wire.replaceSocket(next);
    socket.destroy(new Error('of no interest'));
    await new Promise((resolve) => socket.once('close', resolve));
    assert.equal(ear.cause, undefined);
    next.destroy();
    assert.deepEqual(await ear.closes(), { how: 'failed' });
  });

  it('has no addresses to tell of a socket that has none', () => {
    assert.deepEqual(endsOf(new Socket()), { remote: NOWHERE, local: NOWHERE });
  });
});

function wireOver(socket: Socket): { wire: NodeWire; socket: Socket; ear: Ear } {
  const ear = new Ear();
  const wire = new NodeWire(socket, ear, { remote: NOWHERE, local: NOWHERE });
  ear.accepted(wire);
  return { wire, socket, ear };
}
