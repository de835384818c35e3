/** The examination of the carriers: on this machine, over a medium in memory, and both together. */
import { randomBytes } from 'node:crypto';
import { after, describe } from 'node:test';
import { LocalCarrier } from '../../src/bus/local/local-carrier.ts';
import { newMemberId } from '../../src/bus/member.ts';
import { RemoteCarrier } from '../../src/bus/remote/remote-carrier.ts';
import { MemoryMedium, MemoryServer } from '../fixtures/memory-medium.ts';
import { examine } from './carrier-suite.ts';
import { Machine, Station } from './station.ts';

const secret = randomBytes(32);
const [server, otherServer] = [new MemoryServer(), new MemoryServer()];
const [own, here, there] = [new Machine(), new Machine(), new Machine()];

after(() => {
  for (const machine of [own, here, there]) machine.remove();
});

describe('carriers', { concurrency: true }, () => {
  examine({
    name: 'a bus of one machine',
    make: (_, cluster) => new Station({ local: new LocalCarrier(own.place(cluster)) }, own.newId()),
  });

  examine({
    name: 'a bus over a medium',
    make: (_, cluster = 'chat') => {
      const medium = new MemoryMedium(server);
      const remote = new RemoteCarrier(medium, { cluster, secret, skipOwnMachine: false });
      return new Station({ remote }, newMemberId('machine0'), () => medium.settled());
    },
  });

  examine({
    name: 'a bus of two machines',
    make: (number, cluster = 'chat') => {
      const machine = number % 2 === 0 ? here : there;
      const medium = new MemoryMedium(otherServer);
      const local = new LocalCarrier(machine.place(cluster));
      const remote = new RemoteCarrier(medium, { cluster, secret, skipOwnMachine: true });
      return new Station({ local, remote }, machine.newId(), () => medium.settled());
    },
  });
});
