/** examples/chat as two services that share nothing but a NATS server. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { after, before, describe, it } from 'node:test';
import { Guest, newId } from '../examples/chat-guest.ts';
import { ChatService } from '../examples/chat-service.ts';
import { freePort } from '../fixtures/free-port.ts';
import { ensure } from './debian.ts';

let nats: ChildProcess;
let here: ChatService;
let there: ChatService;
const guests: Guest[] = [];

before(async () => {
  ensure('nats-server');
  const port = await freePort();
  nats = spawn('nats-server', ['-a', '127.0.0.1', '-p', `${port}`], { stdio: ['ignore', 'ignore', 'pipe'] });
  await listening(nats);
  const env = { BUS: `nats://127.0.0.1:${port}`, CLUSTER: 'chat', SECRET_KEY: newId() };
  [here, there] = await Promise.all([ChatService.start(env), ChatService.start(env)]);
});
after(async () => {
  for (const { socket } of guests) socket.terminate();
  await Promise.all([here?.end(), there?.end()]);
  nats?.kill();
});

function listening({ stderr }: ChildProcess): Promise<void> {
  let said = '';
  return new Promise((resolve, reject) => {
    const signal = AbortSignal.timeout(10_000);
    signal.onabort = () => reject(new Error(`nats-server is not ready: ${said}`));
    stderr?.on('data', (chunk: Buffer) => {
      said += chunk;
      if (said.includes('Server is ready')) resolve();
    });
  });
}

async function enter({ gateway }: ChatService, name: string, key?: string): Promise<Guest> {
  const guest = await Guest.enter(gateway, name, 'Hall', key);
  guests.push(guest);
  return guest;
}

describe('examples/chat on two machines', { timeout: 60_000 }, () => {
  it('is one chat: the same people on both', async () => {
    const [ada, ben] = [await enter(here, 'Ada'), await enter(there, 'Ben')];
    for (const guest of [ada, ben]) await guest.sees('Ada', 'Ben');
  });

  it('a line and a private message go across, each once', async () => {
    const [ada, ben] = guests as [Guest, Guest];
    ada.say('from here');
    for (const guest of [ada, ben]) assert.equal((await guest.hearsLine()).text, 'from here');
    const eve = await enter(there, 'Eve');
    ben.tell(ada.me, 'only for you');
    for (const guest of [ada, ben]) assert.equal((await guest.hearsLine()).text, 'only for you');
    for (const guest of [ada, ben, eve]) await guest.hearsNothingMore();
  });

  it('tabs on both machines are one person', async () => {
    const [ada, ben] = guests as [Guest, Guest];
    const tab = await enter(there, 'Ada', ada.key);
    assert.deepEqual(tab.me, ada.me);
    ben.tell(ada.me, 'wherever you are');
    for (const guest of [ada, tab]) assert.equal((await guest.hearsLine()).text, 'wherever you are');
    await tab.sees('Ada', 'Ben', 'Eve');
    await tab.leave();
    await ben.sees('Ada', 'Ben', 'Eve');
  });

  it('a gateway that is lost there takes its people with it, here', async () => {
    const [ada, ben] = guests as [Guest, Guest];
    const gone = once(ben.socket, 'close');
    await there.kill('gateway');
    await gone;
    await ada.sees('Ada');
    let back: Guest | undefined;
    while (!back) back = await enter(there, 'Ben', ben.key).catch(() => undefined);
    await ada.sees('Ada', 'Ben');
    await back.sees('Ada', 'Ben');
  });

  it('a reload here is not noticed there', async () => {
    const [ada] = guests as [Guest];
    const ben = guests.at(-1) as Guest;
    const reloaded = here.reload();
    for (let number = 0; number < 20; number++) {
      ada.say(`line ${number}`);
      assert.equal((await ben.hearsLine()).text, `line ${number}`);
    }
    await reloaded;
    for (const { socket } of [ada, ben]) assert.equal(socket.readyState, socket.OPEN);
  });
});
