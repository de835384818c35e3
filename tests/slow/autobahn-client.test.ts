/**
 * The cases of Autobahn, for the role of a client: those of the server's examination, with a relay that turns the
 * sides around. Section 13 is about parameters of permessage-deflate that a client of ours does not offer.
 */
import { after, before, describe, it } from 'node:test';
import { AsyncTcpConnection } from 'usta';
import { autobahnCases } from '../autobahn/cases.ts';
import { RawClient } from '../autobahn/raw-client.ts';
import { relay } from '../clients/relay.ts';

const MESSAGES = 5;
const MAX_MESSAGE = 16 * 1024 * 1024;
const cases = autobahnCases(MESSAGES).filter(({ id }) => !id.startsWith('13.'));

describe('Autobahn, a client', { concurrency: 16 }, () => {
  const clients = new Set<AsyncTcpConnection>();
  let stage: Awaited<ReturnType<typeof relay>> | undefined;
  before(async () => {
    stage = await relay((port) => void clients.add(echoing(port)));
  });
  after(() => {
    for (const client of clients) client.destroy();
    stage?.close();
  });

  for (const one of cases) {
    it(`${one.id} ${one.title}`, { timeout: 20_000 }, async ({ signal }) => {
      const open = (): Promise<RawClient> =>
        RawClient.connect({ port: stage?.port ?? 0 }, { offers: one.offers ?? [], signal });
      const judge = await open();
      await one.run(judge, open);
      judge.destroy();
    });
  }
});

function echoing(port: number): AsyncTcpConnection {
  const client = new AsyncTcpConnection(`ws://127.0.0.1:${port}` as string, {
    deflate: { threshold: 0 },
    maxPackageSize: MAX_MESSAGE,
    maxQueued: 4 * MAX_MESSAGE,
  });
  client.onMessage = (connection, message) => connection.send(message);
  client.connect();
  return client as AsyncTcpConnection;
}
