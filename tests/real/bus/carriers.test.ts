/** The examination of the carriers, over Debian's NATS and Redis. */
import { randomBytes } from 'node:crypto';
import { after, before, describe } from 'node:test';
import { LocalCarrier } from '../../../src/bus/local/local-carrier.ts';
import { newMemberId } from '../../../src/bus/member.ts';
import { NatsMedium } from '../../../src/bus/nats.ts';
import { RedisMedium } from '../../../src/bus/redis.ts';
import type { Medium } from '../../../src/bus/remote/medium.ts';
import { RemoteCarrier } from '../../../src/bus/remote/remote-carrier.ts';
import { examine } from '../../bus/carrier-suite.ts';
import { Machine, Station } from '../../bus/station.ts';
import { natsServer, redisServer, type Server } from './servers.ts';

const secret = randomBytes(32);
const [here, there] = [new Machine(), new Machine()];
let nats: Server;
let redis: Server;

before(async () => {
  nats = await (await natsServer()).start();
  redis = await (await redisServer()).start();
});
after(async () => {
  for (const machine of [here, there]) machine.remove();
  await nats.remove();
  await redis.remove();
});

const overNats = (): Medium => new NatsMedium({ url: `nats://127.0.0.1:${nats.port}` });
const overRedis = (): Medium => new RedisMedium({ url: `redis://127.0.0.1:${redis.port}` });

describe('carriers over real servers', { concurrency: true }, () => {
  for (const [name, make] of [
    ['NATS', overNats],
    ['Redis', overRedis],
  ] as const) {
    examine({
      name: `a bus over ${name}`,
      make: (_, cluster = 'chat') => {
        const medium = make();
        const remote = new RemoteCarrier(medium, {
          cluster: `alone ${cluster}`,
          secret,
          skipOwnMachine: false,
        });
        return new Station({ remote }, newMemberId('machine0'), () => medium.settled());
      },
    });
  }

  examine({
    name: 'a bus of two machines over NATS',
    make: (number, cluster = 'chat') => {
      const machine = number % 2 === 0 ? here : there;
      const medium = overNats();
      const local = new LocalCarrier(machine.place(cluster));
      const remote = new RemoteCarrier(medium, { cluster, secret, skipOwnMachine: true });
      return new Station({ local, remote }, machine.newId(), () => medium.settled());
    },
  });
});
