/** GatewayWorker's methods and the model, each process on a machine of its own, over NATS and over Redis. */
import { after, describe } from 'node:test';
import { examineAnswers } from '../../gateway/model-suite.ts';
import { Nodes } from '../../gateway/nodes.ts';
import { examineVerbs } from '../../gateway/verbs-suite.ts';
import { natsServer, redisServer, type Server } from './servers.ts';

for (const [scheme, serve] of [
  ['nats', natsServer],
  ['redis', redisServer],
] as const) {
  const servers: Server[] = [];
  after(() => Promise.all(servers.map((server) => server.remove())));

  async function open(): Promise<Nodes> {
    const server = await serve();
    servers.push(server);
    await server.start();
    const bus = `${scheme}://127.0.0.1:${server.port}`;
    return new Nodes({ bus, cluster: 'test', secretKey: 'a secret of the tests' }, { apart: true });
  }

  describe(`every method, over ${scheme}`, () => examineVerbs(open));
  describe(`answers, over ${scheme}`, () => examineAnswers(open, 8));
}
