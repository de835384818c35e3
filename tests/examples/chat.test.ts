/** examples/chat as people run it: one command, real processes. What it looks like is tested with a browser. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, before, describe, it } from 'node:test';
import { WebSocket } from 'ws';
import { Guest, newId } from './chat-guest.ts';
import { ChatService } from './chat-service.ts';

let service: ChatService;
const guests: Guest[] = [];

async function enter(name: string, room?: string, key?: string): Promise<Guest> {
  const guest = await Guest.enter(service.gateway, name, room, key);
  guests.push(guest);
  return guest;
}

async function allLeave(): Promise<void> {
  for (const { socket } of guests.splice(0)) socket.terminate();
}

before(async () => {
  service = await ChatService.start({ ROOMS: 'Hall, Kitchen, Attic, Cellar, Tower' });
});
after(async () => {
  await allLeave();
  await service?.end();
});

describe('examples/chat: the page', () => {
  it('is served with its scripts and the client’s, which may run nothing else', async () => {
    for (const [path, type] of Object.entries({
      '': 'text/html; charset=utf-8',
      'chat.js': 'text/javascript; charset=utf-8',
      'style.css': 'text/css; charset=utf-8',
      'usta/index.js': 'text/javascript; charset=utf-8',
      'settings.js': 'text/javascript; charset=utf-8',
    })) {
      const { status, headers } = await fetch(`${service.page}${path}`);
      assert.deepEqual([status, headers.get('content-type')], [200, type], path);
      assert.match(headers.get('content-security-policy') ?? '', /^default-src 'none'; script-src 'self';/);
    }
  });

  it('is all that is served', async () => {
    for (const path of ['settings.ts', '..%2fchat.js', 'usta/%2e%2e%2fchat.js', 'usta', 'history/'])
      assert.equal((await fetch(`${service.page}${path}`)).status, 404, path);
    assert.equal((await fetch(service.page, { method: 'POST', body: 'x' })).status, 405);
  });
});

describe('examples/chat: rooms', () => {
  after(allLeave);

  it('hear what is said in them, and nothing else', async () => {
    const [ada, ben, kim] = [await enter('Ada'), await enter('Ben'), await enter('Kim', 'Kitchen')];
    ada.say('hello');
    for (const guest of [ada, ben]) {
      const { from, room, text } = await guest.hearsLine();
      assert.deepEqual([from, room, text], [ada.me, 'Hall', 'hello']);
    }
    await kim.hearsNothingMore();
  });

  it('hear who is typing', async () => {
    const [ada, ben] = guests as [Guest, Guest];
    ada.send({ type: 'typing' });
    assert.deepEqual((await ben.hears('typing')).from, ada.me);
    await ada.hearsNothingMore();
  });

  it('are left for another one', async () => {
    const [ada, ben] = guests as [Guest, Guest];
    await ben.go('Kitchen');
    ada.say('still here?');
    await ada.hearsLine();
    await ben.hearsNothingMore();
    await ben.sees('Ben', 'Kim');
    ben.send({ type: 'say', id: newId(), room: 'Hall', text: 'from next door' });
    assert.equal((await ben.hears('refused')).reason, 'You are in another room');
  });

  it('show the last 50 lines to who comes later, also when their code was replaced meanwhile', async () => {
    const ada = await enter('Ada', 'Attic');
    const ben = await enter('Ben', 'Attic');
    for (let number = 0; number < 30; number++) {
      ada.say(`a${number}`);
      ben.say(`b${number}`);
    }
    for (let number = 0; number < 60; number++) await ada.hearsLine();
    await service.kill('chat');
    const lines = await (await enter('Kim', 'Cellar')).go('Attic');
    assert.equal(lines.length, 50);
    assert.deepEqual([lines.at(-1)?.text.slice(1), new Set(lines.map(({ id }) => id)).size], ['29', 50]);
  });
});

describe('examples/chat: private messages', () => {
  after(allLeave);

  it('come to all tabs of both, and to nobody else', async () => {
    const key = newId();
    const [ada, tab] = [await enter('Ada', 'Hall', key), await enter('Ada', 'Kitchen', key)];
    const [ben, eve] = [await enter('Ben'), await enter('Eve')];
    assert.deepEqual(ada.me, tab.me);
    ben.tell(ada.me, 'only for you');
    for (const guest of [ada, tab, ben]) {
      const { from, to, text, room } = await guest.hearsLine();
      assert.deepEqual([from, to, text, room], [ben.me, ada.me, 'only for you', undefined]);
    }
    await eve.hearsNothingMore();
  });

  it('do not come to somebody who takes the same name', async () => {
    const [ada, , ben] = guests as [Guest, Guest, Guest];
    const mallory = await enter('Ada', 'Hall', ada.me.id);
    assert.notEqual(mallory.me.id, ada.me.id);
    ben.tell(ada.me, 'still only for you');
    assert.equal((await ada.hearsLine()).text, 'still only for you');
    await mallory.hearsNothingMore();
  });

  it('are refused when nobody is there', async () => {
    const ben = guests[2] as Guest;
    ben.tell({ id: newId(), name: 'Nobody' }, 'hello?');
    assert.equal((await ben.hears('refused')).reason, 'Not there any more');
  });
});

describe('examples/chat: who is there', () => {
  after(allLeave);

  it('is told to all, each person once, however many tabs they have', async () => {
    const key = newId();
    const [ada, tab, ben] = [
      await enter('Ada', 'Tower', key),
      await enter('Ada', 'Tower', key),
      await enter('Ben', 'Tower'),
    ];
    for (const guest of [ada, tab, ben]) await guest.sees('Ada', 'Ben');
    await tab.leave();
    const kim = await enter('Kim', 'Tower');
    await kim.sees('Ada', 'Ben', 'Kim');
    await ada.leave();
    await kim.sees('Ben', 'Kim');
  });

  it('is right again after the gateway was lost with all its connections', async () => {
    const [ben, kim] = guests.splice(-2) as [Guest, Guest];
    const lost = Promise.all([once(ben.socket, 'close'), once(kim.socket, 'close')]);
    await service.kill('gateway');
    await lost;
    let back: Guest | undefined;
    while (!back) back = await enter('Ben', 'Tower', ben.key).catch(() => undefined);
    assert.deepEqual(back.me, ben.me);
    await back.sees('Ben');
  });
});

describe('examples/chat: what no page of ours sends', () => {
  const hello = { type: 'enter', name: 'Eve', key: newId(), room: 'Hall' };
  const nonsense: Record<string, unknown> = {
    'no JSON': 'hello',
    'a list': [hello],
    null: null,
    'another type': { type: 'shout' },
    'a type that objects have': { type: '__proto__' },
    'somebody without a name': { ...hello, name: ' \u200b\u202e ' },
    'a name that is no text': { ...hello, name: { toString: 1 } },
    'a short key': { ...hello, key: '1' },
    'a room that is no text': { ...hello, room: ['Hall'] },
    'a line before entering': { type: 'say', id: newId(), room: 'Hall', text: 'x' },
    'an id with markup': { type: 'say', id: '<b>aaaaaaaaaaaaaa', room: 'Hall', text: 'x' },
  };
  for (const [what, message] of Object.entries(nonsense)) {
    it(`${what}: the connection is closed`, async () => {
      const text = typeof message === 'string' ? message : JSON.stringify(message);
      assert.deepEqual(await answerTo(text), [1008, 'not understood']);
    });
  }

  it('bytes, and messages that are too large', async () => {
    assert.equal((await answerTo(Buffer.from('hello')))[0], 1003);
    assert.equal((await answerTo(JSON.stringify({ ...hello, name: 'x'.repeat(8_192) })))[0], 1009);
  });

  it('text that is too long, or none', async () => {
    for (const text of ['x'.repeat(1_001), ' \n ']) {
      const eve = await enter('Eve');
      eve.say(text);
      assert.deepEqual(await closeOf(eve.socket), [1008, 'not understood']);
    }
  });

  it('more than a person can write', async () => {
    const eve = await enter('Eve');
    for (let number = 0; number < 200; number++) eve.send({ type: 'typing' });
    assert.equal((await closeOf(eve.socket))[0], 1008);
  });

  it('names that hide or turn around what stands beside them', async () => {
    assert.equal((await enter('\u202eAda\n\u0000  Lovelace\u200b')).me.name, 'Ada Lovelace');
    assert.equal((await enter('🙂'.repeat(40))).me.name, '🙂'.repeat(24));
  });

  it('a room that is not there: the first one is', async () => {
    assert.equal((await enter('Eve', '__proto__')).room, 'Hall');
  });

  it('has not disturbed anybody', async () => {
    await allLeave();
    const ada = await enter('Ada');
    await ada.sees('Ada');
    assert.doesNotMatch(service.script.output, /Error|failed/);
  });
});

async function answerTo(message: string | Buffer): Promise<[number, string]> {
  const socket = new WebSocket(service.gateway);
  await once(socket, 'open');
  socket.send(message);
  return closeOf(socket);
}

async function closeOf(socket: WebSocket): Promise<[number, string]> {
  const [code, reason] = await once(socket, 'close', { signal: AbortSignal.timeout(5_000) });
  return [code, String(reason)];
}
