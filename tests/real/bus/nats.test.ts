import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { NatsMedium } from '../../../src/bus/nats.ts';
import { subscribe } from '../../../src/telemetry.ts';
import { testCertificate } from '../../fixtures/certificate.ts';
import { freePort } from '../../fixtures/free-port.ts';
import { eventually, examineFaults } from './faults-suite.ts';
import { natsServer, type Server } from './servers.ts';

const guard = 'authorization { user: ali, password: "hidden:word@" }';

describe('NATS', { concurrency: true }, () => {
  examineFaults({
    name: 'NATS',
    scheme: 'nats',
    server: () => natsServer(() => 'max_pending: 2097152'),
    guarded: () => natsServer(() => guard),
    medium: (bus) => new NatsMedium(bus),
  });

  describe('NATS as a medium', { timeout: 30_000, concurrency: true }, () => {
    const servers: Server[] = [];
    const media: NatsMedium[] = [];
    after(async () => {
      for (const medium of media) await medium.close();
      for (const server of servers) await server.remove();
    });

    async function started(configuration?: (directory: string) => string): Promise<Server> {
      const server = await natsServer(configuration);
      servers.push(server);
      return server.start();
    }

    async function opened(
      ...words: ConstructorParameters<typeof NatsMedium>
    ): Promise<NatsMedium & { heard: string[] }> {
      const medium = Object.assign(new NatsMedium(...words), { heard: [] as string[] });
      media.push(medium);
      const received = (subject: string, bytes: Buffer): void =>
        void medium.heard.push(`${subject} ${bytes}`);
      await medium.open({ received, connection() {} });
      return medium;
    }

    it('speaks TLS, and only with a server that it can trust', async () => {
      const { cert, key } = await testCertificate();
      const server = await started((directory) => {
        writeFileSync(join(directory, 'cert.pem'), cert);
        writeFileSync(join(directory, 'key.pem'), key);
        return `tls { cert_file: "${directory}/cert.pem", key_file: "${directory}/key.pem" }`;
      });
      const url = `tls://localhost:${server.port}`;
      const one = await opened({ url, tls: { ca: cert } });
      const two = await opened({ url, tls: { ca: cert } });
      two.subscribe('usta.x');
      await two.settled();
      one.publish('usta.x', Buffer.from('secretly'));
      await eventually(() => two.heard.length > 0, 'to hear it');
      await assert.rejects(opened({ url }), {
        code: 'E_BUS_UNTRUSTED',
        message: /self-signed certificate/,
      });
      const plain = await started();
      const open = opened({ url: `tls://localhost:${plain.port}` });
      await assert.rejects(open, { code: 'E_BUS_UNREACHABLE', message: /does not support 'tls'/ });
    });

    it('takes a token, and the first server that is there', async () => {
      const server = await started(() => 'authorization { token: "hidden token" }');
      const url = `nats://127.0.0.1:${server.port}`;
      const dead = `nats://127.0.0.1:${await freePort()}`;
      assert.ok((await opened({ url: [dead, url], token: 'hidden token' })).isConnected);
      assert.ok((await opened({ url: `nats://hidden%20token@127.0.0.1:${server.port}` })).isConnected);
      await assert.rejects(opened({ url, token: 'hidden guess' }), { code: 'E_BUS_REFUSED' });
      await assert.rejects(opened({ url, credentials: '/nowhere/user.creds' }), {
        code: 'E_BUS',
        message: /^credentials \/nowhere\/user.creds cannot be read/,
      });
    });

    it('knows at once when nobody hears a subject', async () => {
      const server = await started();
      const url = `nats://127.0.0.1:${server.port}`;
      const [one, two] = [await opened({ url }), await opened({ url })];
      two.subscribe('usta.x');
      await two.settled();
      assert.equal(await one.isHeard('usta.y'), false);
      assert.equal(await one.isHeard('usta.x'), true);
      two.unsubscribe('usta.x');
      await two.settled();
      assert.equal(await one.isHeard('usta.x'), false);
      await server.kill();
      assert.equal(await one.isHeard('usta.x'), true);
    });

    it('says what the server takes at most, and what it does not permit', async () => {
      const server = await started(
        () =>
          'max_payload: 5000\nauthorization { users: [ { user: a, password: b, permissions: { publish: "usta.>", subscribe: ["usta.x", "usta.inbox.>"] } } ] }',
      );
      const told: string[] = [];
      const stop = subscribe('usta:notice', ({ text }) => told.push(text));
      const medium = await opened({ url: `nats://a:b@127.0.0.1:${server.port}` });
      assert.equal(medium.maxBytes, 5000);
      medium.subscribe('usta.x');
      medium.subscribe('usta.all.y');
      medium.subscribe('usta.all.y.z');
      medium.publish('other', Buffer.from('x'));
      await medium.settled();
      medium.publish('usta.x', Buffer.from('goes on'));
      await eventually(() => told.length >= 2, 'to be told');
      stop();
      const about = (what: string): number => told.filter((text) => text.includes(what)).length;
      assert.equal(about('does not permit this process to subscription: usta.all.y'), 1);
      assert.equal(about('does not permit this process to publish: other'), 1);
      assert.ok(medium.isConnected);
      assert.equal(await medium.isHeard('usta.nobody'), false);
    });
  });
});
