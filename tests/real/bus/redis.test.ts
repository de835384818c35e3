import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { RedisMedium } from '../../../src/bus/redis.ts';
import { testCertificate } from '../../fixtures/certificate.ts';
import { freePort } from '../../fixtures/free-port.ts';
import { eventually, examineFaults } from './faults-suite.ts';
import { redisServer, Server } from './servers.ts';

describe('Redis', { concurrency: true }, () => {
  examineFaults({
    name: 'Redis',
    scheme: 'redis',
    server: () => redisServer('client-output-buffer-limit pubsub 2mb 1mb 1'),
    guarded: () => redisServer('user default off\nuser ali on >hidden:word@ allchannels +@all'),
    medium: (bus) => new RedisMedium(bus),
  });

  describe('Redis as a medium', { timeout: 30_000, concurrency: true }, () => {
    const servers: Server[] = [];
    const media: RedisMedium[] = [];
    after(async () => {
      for (const medium of media) await medium.close();
      for (const server of servers) await server.remove();
    });

    async function opened(
      ...words: ConstructorParameters<typeof RedisMedium>
    ): Promise<RedisMedium & { heard: string[] }> {
      const medium = Object.assign(new RedisMedium(...words), { heard: [] as string[] });
      media.push(medium);
      const received = (subject: string, bytes: Buffer): void =>
        void medium.heard.push(`${subject} ${bytes}`);
      await medium.open({ received, connection() {} });
      return medium;
    }

    it('speaks TLS, and only with a server that it can trust', async () => {
      const { cert, key } = await testCertificate();
      const port = await freePort();
      const server = new Server(port, (directory) => {
        const file = (name: string, text: string): string => {
          writeFileSync(join(directory, name), text);
          return join(directory, name);
        };
        const lines = [`tls-port ${port}`, 'port 0', 'bind 127.0.0.1', 'save ""', 'tls-auth-clients no'];
        lines.push(`tls-cert-file ${file('cert.pem', cert)}`, `tls-key-file ${file('key.pem', key)}`);
        lines.push(`tls-ca-cert-file ${join(directory, 'cert.pem')}`);
        return ['redis-server', file('redis.conf', `${lines.join('\n')}\n`)];
      });
      servers.push(server);
      await server.start();
      const url = `rediss://localhost:${port}`;
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
    });

    it('knows whether anybody hears a channel', async () => {
      const server = await (await redisServer()).start();
      servers.push(server);
      const url = `redis://127.0.0.1:${server.port}`;
      const [one, two] = [await opened({ url }), await opened({ url })];
      two.subscribe('usta.x');
      await two.settled();
      assert.equal(await one.isHeard('usta.y'), false);
      assert.equal(await one.isHeard('usta.x'), true);
      two.unsubscribe('usta.x');
      two.subscribe('usta.y');
      two.unsubscribe('usta.y');
      await two.settled();
      assert.equal(await one.isHeard('usta.x'), false);
      assert.equal(await one.isHeard('usta.y'), false);
    });

    it('is one server', () => {
      assert.throws(() => new RedisMedium({ url: ['redis://a', 'redis://b'] }), { code: 'E_BUS' });
    });
  });
});
