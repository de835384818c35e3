import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { autobahnCases } from './cases.ts';
import { type EchoServer, startEchoServer } from './echo-server.ts';
import type { AutobahnCase } from './exchange.ts';
import { RawClient } from './raw-client.ts';

const SCHEMES = ['ws', 'wss'] as const;

export interface RunOptions {
  /** How many messages each case of 9.7, 9.8 and of sections 12 and 13 sends; the suite: 1000. */
  readonly messages: number;
  /** A case that takes longer has failed, in ms. */
  readonly timeout: number;
}

/**
 * Registers, within a `describe`, a test for each case and scheme, sixteen at a time so that waiting does not
 * add up, and one that demands that all of them have run.
 */
export function runCases({ messages, timeout }: RunOptions): void {
  const cases = autobahnCases(messages);
  const ran = { ws: new Set<string>(), wss: new Set<string>() };
  let server: EchoServer | undefined;

  before(async () => {
    server = await startEchoServer();
  });
  after(async () => {
    assert.equal(await server?.stop(), 0, 'the echo server ends well');
  });

  for (const scheme of SCHEMES) {
    describe(scheme, { concurrency: 16 }, () => {
      for (const autobahnCase of cases) {
        it(`${autobahnCase.id} ${autobahnCase.title}`, { timeout }, async ({ signal }) => {
          assert.ok(server);
          await runCase(autobahnCase, server[scheme], signal);
          ran[scheme].add(autobahnCase.id);
        });
      }
    });
  }

  it('each case has run and passed over ws and over wss', () => {
    const ids = cases.map(({ id }) => id);
    for (const scheme of SCHEMES) assert.deepEqual([...ran[scheme]].sort(), [...ids].sort(), scheme);
  });
}

async function runCase(
  autobahnCase: AutobahnCase,
  endpoint: EchoServer['ws'],
  signal: AbortSignal,
): Promise<void> {
  const clients: RawClient[] = [];
  try {
    await autobahnCase.run(await open(), open);
  } finally {
    for (const client of clients) client.destroy();
  }

  async function open(): Promise<RawClient> {
    const { offers = [] } = autobahnCase;
    const client = await RawClient.connect(endpoint, { offers, signal });
    clients.push(client);
    return client;
  }
}
