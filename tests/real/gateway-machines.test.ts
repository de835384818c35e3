/** Two "machines", each with a gateway and a business process, which share nothing but a NATS or Redis server. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer, type Socket, type Server as TcpServer } from 'node:net';
import { after, afterEach, describe, it } from 'node:test';
import { Timer } from 'usta';
import type { TestClient } from '../gateway/clients.ts';
import { eventually, Service } from '../gateway/service.ts';
import { natsServer, redisServer, type Server } from './bus/servers.ts';

const ends: (() => unknown)[] = [];
after(async () => {
  await Service.endAll();
  for (const end of ends) await end();
});

/** Between one machine and the server: can be cut and healed. */
class Cable {
  port = 0;
  readonly #server: TcpServer;
  readonly #sockets = new Set<Socket>();
  #isCut = false;

  constructor(to: number) {
    this.#server = createServer((socket) => {
      if (this.#isCut) return void socket.destroy();
      const other = connect(to, '127.0.0.1');
      for (const end of [socket, other]) {
        this.#sockets.add(end);
        end
          .on('error', () => {})
          .on('close', () => {
            this.#sockets.delete(end);
            socket.destroy();
            other.destroy();
          });
      }
      socket.pipe(other).pipe(socket);
    });
  }

  async open(): Promise<this> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    const address = this.#server.address();
    this.port = typeof address === 'object' ? (address?.port ?? 0) : 0;
    ends.push(() => this.#server.close());
    return this;
  }

  cut(): void {
    this.#isCut = true;
    for (const socket of this.#sockets) socket.destroy();
  }

  heal(): void {
    this.#isCut = false;
  }
}

interface Machines {
  readonly here: Service;
  readonly there: Service;
  /** Clients, two on each; all of them are in the group `room`. */
  readonly clients: readonly [here: TestClient, TestClient, there: TestClient, TestClient];
}

async function machines(scheme: string, hereAt: number, thereAt: number): Promise<Machines> {
  const env = (port: number): Record<string, string> => {
    return { GATEWAYS: '1', BUSINESSES: '1', BUS: `${scheme}://127.0.0.1:${port}` };
  };
  const [here, there] = [await Service.start(env(hereAt)), await Service.start(env(thereAt))];
  for (const one of [here, there])
    await eventually('all know each other', async () => (await one.members()) === 4);
  const clients = [...(await here.clients(2)), ...(await there.clients(2))];
  for (const [index, client] of clients.entries())
    assert.equal(await client.ask('join room'), `joined ${index + 1}`);
  return { here, there, clients: clients as unknown as Machines['clients'] };
}

/** What is said in the room comes to these clients. */
async function reaches(speaker: TestClient, text: string, hearers: readonly TestClient[]): Promise<void> {
  speaker.say(`in room ${text}`);
  for (const hearer of hearers) await hearer.until(() => hearer.heard.includes(text));
}

/** Speaks on both machines until each has heard the other. */
async function untilWhole([one, two, three, four]: Machines['clients']): Promise<void> {
  let count = 0;
  await eventually('both hear each other', async () => {
    await reaches(one, `here ${count}`, [one, two]);
    await reaches(three, `there ${count++}`, [three, four]);
    const heard = (client: TestClient, what: string): boolean =>
      client.heard.some((text) => text.startsWith(what));
    return heard(one, 'there') && heard(three, 'here');
  });
}

for (const [scheme, serve, outage] of [
  ['nats', natsServer, 10],
  ['redis', redisServer, 3],
] as const) {
  describe(`two machines that share a ${scheme} server`, () => {
    let server: Server;

    afterEach(() => Service.endAll('SIGTERM'));

    it('uids, groups, broadcasts, counts and closes know no machine', async () => {
      server = await serve();
      ends.push(() => server.remove());
      await server.start();
      const { clients } = await machines(scheme, server.port, server.port);
      const [one, two, three, four] = clients;
      await reaches(one, 'hello', clients);
      await reaches(four, 'hi', clients);
      assert.equal(await three.ask('uid ann'), 'uid ann');
      one.say('to ann psst');
      await three.until(() => three.heard.includes('psst'));
      assert.ok(![one, two, four].some(({ heard }) => heard.includes('psst')));
      two.say('all everybody');
      for (const client of clients) await client.until(() => client.heard.includes('everybody'));
      const [, , id = ''] = (await three.ask('who')).split(' ');
      assert.equal(await one.ask(`online ${id}`), 'true');
      three.leave();
      await eventually('it is offline there too', async () => (await one.ask(`online ${id}`)) === 'false');
    });

    it(`the server is away for ${outage} s: here goes on, there resumes by itself, the gap is counted`, async () => {
      const { here, there, clients } = await machines(scheme, server.port, server.port);
      const [one, two, three] = clients;
      await reaches(one, 'before', clients);
      await server.kill();
      const back = Timer.sleep(outage);
      let said = 0;
      await eventually('what cannot be sent is counted', async () => {
        await reaches(one, `local ${said++}`, [one, two]);
        return (await here.lost('cut')) >= 5;
      });
      await back;
      await server.start();
      await untilWhole(clients);
      assert.ok(!three.heard.some((text) => text.startsWith('local')));
      await reaches(three, 'and back', clients);
      await eventually('there notices', async () => (await there.lost('gap')) >= 5);
      assert.equal(here.count(/^close/gm) + there.count(/^close/gm), 0);
    });

    it('the cable of one machine is cut and healed: the same', async () => {
      const cable = await new Cable(server.port).open();
      const { here, there, clients } = await machines(scheme, server.port, cable.port);
      const [one, two, three, four] = clients;
      cable.cut();
      await eventually('it is noticed here', async () => (await here.members()) === 2);
      await reaches(one, 'alone', [one, two]);
      await reaches(three, 'alone too', [three, four]);
      cable.heal();
      await untilWhole(clients);
      await reaches(one, 'whole', clients);
      assert.equal(await two.ask('join room'), 'joined 4');
      assert.equal(here.count(/^close/gm) + there.count(/^close/gm), 0);
    });
  });
}
