import assert from 'node:assert/strict';
import { type IncomingHttpHeaders, request } from 'node:http';
import { after, before, describe, it } from 'node:test';
import { planDoor } from '../../src/gateway/door/door-options.ts';
import { Outside } from './outside.ts';

const TOKEN = 'a token of twenty-eight letters'.replaceAll(' ', '-');
const NEXT_TOKEN = 'the-token-that-replaces-it';
const outside = new Outside();
let url = '';
let port = 0;

before(async () => {
  const service = await outside.serve({ CLUSTER: 'door', TOKEN: `${TOKEN} ${NEXT_TOKEN}` });
  url = service.url;
  const [, text] = await service.script.printed(/worker door: http on 127\.0\.0\.1:(\d+), 1 process$/m);
  port = Number(text);
});
after(() => outside.end());

interface Asking {
  readonly method?: string;
  readonly body?: unknown;
  /** As it is, instead of the JSON of `body`. */
  readonly bytes?: string | Buffer;
  readonly headers?: Readonly<Record<string, string>>;
  readonly token?: string;
}

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

function ask(path: string, { method, body, bytes, headers, token = TOKEN }: Asking = {}): Promise<Answer> {
  const content = bytes ?? (body === undefined ? undefined : JSON.stringify(body));
  return new Promise((resolve, reject) => {
    const asking = request({
      host: '127.0.0.1',
      port,
      path,
      method: method ?? (content === undefined ? 'GET' : 'POST'),
      headers: { ...(token === '' ? {} : { Authorization: `Bearer ${token}` }), ...headers },
    });
    asking.on('error', reject);
    asking.on('response', (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
      });
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text }),
      );
    });
    asking.end(content);
  });
}

async function asked(path: string): Promise<unknown> {
  const { status, text } = await ask(path);
  assert.equal(status, 200, text);
  return JSON.parse(text);
}

async function order(path: string, body: object): Promise<void> {
  const { status, text } = await ask(path, { body });
  assert.deepEqual([status, text], [202, '{}\n']);
}

/** The error, which is one line of JSON. */
function errorOf({ status, headers, text }: Answer): string {
  assert.equal(headers['content-type'], 'application/json');
  const { error } = JSON.parse(text) as { error: string };
  assert.ok(error.length > 5 && !error.includes('\n'), text);
  return `${status} ${error}`;
}

describe('the door', { timeout: 30_000 }, () => {
  it('sends to a client, a uid, a group, several of them, all, and leaves some out', async () => {
    const seven = await outside.client(url, 'uid 7', 'join room');
    const eight = await outside.client(url, 'uid 8', 'join room');
    await order('/send', { to: { uid: 7 }, message: 'to seven' });
    await order('/send', { to: { uid: ['7', '8'] }, message: { to: 'both', number: 1 } });
    await order('/send', { to: { group: 'room' }, message: [1, 'ş'], except: [seven.id] });
    await order('/send', {
      to: { client: seven.id },
      message: { base64: Buffer.from('bytes').toString('base64') },
    });
    await order('/send', { to: { client: [seven.id, eight.id, 'nobody'] }, message: '' });
    await order('/send', { to: 'all', message: 'to eight', except: seven.id });
    await order('/send', { to: 'all', message: 'to all', except: [] });
    for (const { client } of [seven, eight]) await client.until(() => client.heard.includes('to all'));
    assert.deepEqual(seven.client.heard, ['to seven', '{"to":"both","number":1}', 'bytes', '', 'to all']);
    assert.deepEqual(eight.client.heard, ['{"to":"both","number":1}', '[1,"ş"]', '', 'to eight', 'to all']);
  });

  it('tells who is online, how many, and which', async () => {
    const { id } = await outside.client(url, 'uid nine', 'join hall');
    const other = await outside.client(url, 'uid ten', 'join hall', 'join yard');
    assert.deepEqual(await asked('/online?uid=nine'), { online: true });
    assert.deepEqual(await asked('/online?uid=nobody'), { online: false });
    assert.deepEqual(await asked('/online?uid=nine&uid=nobody'), { online: { nine: true, nobody: false } });
    assert.deepEqual(await asked(`/online?client=${id}`), { online: true });
    assert.deepEqual(await asked(`/online?client=${id}&client=x`), { online: { [id]: true, x: false } });
    assert.deepEqual(await asked('/count?group=hall'), { count: 2 });
    assert.deepEqual(await asked('/count?group=hall&group=yard'), { count: 2 });
    assert.deepEqual(await asked('/count?uid=nine'), { count: 1 });
    assert.deepEqual(await asked('/clients?uid=nine'), { clients: [id] });
    assert.deepEqual(await asked('/clients?group=yard'), { clients: [other.id] });
    const { uids } = (await asked('/uids?group=hall&group=yard')) as { uids: string[] };
    assert.deepEqual(uids.sort(), ['nine', 'ten']);
    const { count } = (await asked('/count')) as { count: number };
    assert.equal(((await asked('/clients')) as { clients: string[] }).clients.length, count);
    assert.ok(((await asked('/uids')) as { uids: string[] }).uids.includes('nine'));
  });

  it('binds, joins and closes', async () => {
    const { client, id } = await outside.client(url);
    await order('/bind', { client: id, uid: 11 });
    await order('/join', { client: id, group: 'garden' });
    await order('/send', { to: { uid: '11' }, message: 'bound' });
    await client.until(() => client.heard.includes('bound'));
    assert.deepEqual(await asked('/uids?group=garden'), { uids: ['11'] });
    await order('/leave', { client: id, group: 'garden' });
    await order('/unbind', { client: id });
    assert.deepEqual(
      [await asked('/count?group=garden'), await asked('/count?uid=11')],
      [{ count: 0 }, { count: 0 }],
    );
    await order('/bind', { client: id, uid: 11 });
    await order('/close', { uid: 11, code: 4001, reason: 'signed out' });
    await assert.rejects(
      client.until(() => false),
      /closed with 4001/,
    );
    const last = await outside.client(url);
    await order('/close', { client: last.id, message: 'goodbye' });
    await assert.rejects(
      last.client.until(() => false),
      /closed with 1000/,
    );
    assert.deepEqual(last.client.heard, ['goodbye']);
  });

  it('lets nobody in without a token, whatever is asked', async () => {
    for (const [token, headers] of [
      ['', {}],
      [`${TOKEN}x`, {}],
      [TOKEN.slice(0, -1), {}],
      ['', { Authorization: `Basic ${TOKEN}` }],
      ['', { Authorization: TOKEN }],
    ] as const) {
      for (const path of ['/count', '/nothing', '/send']) {
        const answer = await ask(path, { token, headers });
        assert.equal(errorOf(answer), '401 Authorization: Bearer TOKEN is missing or wrong');
        assert.equal(answer.headers['www-authenticate'], 'Bearer');
      }
    }
    assert.equal((await ask('/count', { token: NEXT_TOKEN })).status, 200);
    assert.equal(
      (await ask('/count', { token: '', headers: { Authorization: `bearer  ${TOKEN}` } })).status,
      200,
    );
  });

  it('lets no page in, whatever it knows; and Node’s fetch', async () => {
    for (const headers of [
      { Origin: 'http://127.0.0.1' },
      { Origin: 'null' },
      { 'Sec-Fetch-Site': 'same-origin' },
    ])
      for (const method of ['GET', 'OPTIONS'])
        assert.match(
          errorOf(await ask('/count', { headers, method })),
          /^403 a browser has no business here/,
        );
    const headers = { Authorization: `Bearer ${TOKEN}`, Connection: 'close' };
    assert.equal((await fetch(`http://127.0.0.1:${port}/count`, { headers })).status, 200);
  });

  it('has these paths and methods', async () => {
    assert.match(errorOf(await ask('/')), /^404 there are \/send, .*\/online, /);
    assert.match(errorOf(await ask('/send/')), /^404/);
    const answer = await ask('/send');
    assert.equal(errorOf(answer), '405 this is asked with POST');
    assert.equal(answer.headers.allow, 'POST');
    assert.equal(errorOf(await ask('/online?uid=7', { method: 'DELETE' })), '405 this is asked with GET');
  });

  it('says in one line what is wrong with an order', async () => {
    const to = 'all';
    const wrong: readonly [path: string, body: unknown, error: RegExp][] = [
      ['/send', [], /the body is a JSON object with to, message, except/],
      ['/send', null, /the body is a JSON object/],
      ['/send', { to, mesage: 'x' }, /there is no field "mesage": did you mean message\?/],
      ['/send', { to, message: 'x', raw: true }, /there is no field "raw": there are to, message, except/],
      ['/send', { message: 'x' }, /to is "all", /],
      ['/send', { to: 'al', message: 'x' }, /to is "all", /],
      ['/send', { to: {}, message: 'x' }, /to is "all", /],
      ['/send', { to: ['7'], message: 'x' }, /to is "all", /],
      ['/send', { to: { user: 7 }, message: 'x' }, /to is "all", /],
      ['/send', { to: { uid: 7, group: 'room' }, message: 'x' }, /to is "all", /],
      [
        '/send',
        { to: { uid: [] }, message: 'x' },
        /uid is a text, a number, or a list of them that is not empty/,
      ],
      ['/send', { to: { uid: '' }, message: 'x' }, /uid is a text/],
      ['/send', { to: { uid: [null] }, message: 'x' }, /uid is a text/],
      ['/send', { to }, /message is a text, an object/],
      ['/send', { to, message: 7 }, /message is a text, an object/],
      ['/send', { to, message: { base64: 'no!' } }, /base64 is not base64/],
      ['/send', { to, message: { base64: 7 } }, /base64 is not base64/],
      ['/send', { to, message: 'x', except: [{}] }, /except is a text/],
      ['/send', { to: { uid: 7 }, message: 'x', except: ['x'] }, /except goes with "all" or a group/],
      ['/close', {}, /say client or uid, one of them/],
      ['/close', { client: 'x', uid: 7 }, /say client or uid, one of them/],
      ['/close', { uid: 7, code: 1001 }, /code is 1000, or 3000 to 4999/],
      ['/close', { uid: 7, code: 4000.5 }, /code is 1000, or 3000 to 4999/],
      ['/close', { uid: 7, code: 4000, reason: 'ş'.repeat(62) }, /reason is a text of at most 123 bytes/],
      ['/close', { uid: 7, code: 4000, message: 'x' }, /not both/],
      ['/bind', { client: 'x' }, /uid is missing: a text or a number/],
      ['/join', { client: ['x'], group: 'g' }, /client is missing: a text or a number/],
    ];
    for (const [path, body, error] of wrong) {
      const said = errorOf(await ask(path, { body }));
      assert.match(said, /^400 /);
      assert.match(said, error, JSON.stringify(body));
    }
    for (const bytes of ['', '{', '{"to":"all"}}', Buffer.from([0x7b, 0xff, 0x7d])])
      assert.match(errorOf(await ask('/send', { method: 'POST', bytes })), /^400 the body is no JSON: /);
  });

  it('says in one line what is wrong with a question', async () => {
    for (const [path, error] of [
      ['/online', /whose\? \?uid=… or \?client=…/],
      ['/online?uid=', /uid is empty/],
      ['/online?uid=7&client=x', /ask for uid or client, one kind at a time/],
      ['/count?gruop=room', /ask for uid or group, one kind at a time/],
    ] as const)
      assert.match(errorOf(await ask(path)), error);
  });

  it('takes a message of 1 MiB, as base64 too, and no body above 2 MiB', async () => {
    const { client, id } = await outside.client(url);
    const bytes = Buffer.alloc(1_048_576, 'x');
    await order('/send', { to: { client: id }, message: { base64: bytes.toString('base64') } });
    await client.until(() => client.heard.length === 1);
    assert.equal(client.heard[0]?.length, bytes.length);
    const { status } = await ask('/send', { method: 'POST', bytes: Buffer.alloc(2 * 1_048_576 + 1, ' ') });
    assert.equal(status, 413);
  });
});

describe('Gateway.door', () => {
  const token = 'sixteen-letters!';

  it('is on this machine only unless the address says otherwise, and then tells what is unwise', () => {
    for (const [listen, address, isUnwise] of [
      [7272, 'http://127.0.0.1:7272', false],
      ['7272', 'http://127.0.0.1:7272', false],
      [':7272', 'http://127.0.0.1:7272', false],
      ['http://:7272', 'http://127.0.0.1:7272', false],
      ['localhost:7272', 'http://localhost:7272', false],
      ['http://[::1]:7272', 'http://[::1]:7272', false],
      ['0.0.0.0:7272', 'http://0.0.0.0:7272', true],
      ['http://10.0.0.5:7272', 'http://10.0.0.5:7272', true],
      ['https://0.0.0.0:7272', 'https://0.0.0.0:7272', false],
    ] as const) {
      const plan = planDoor({ listen, token });
      assert.deepEqual([plan.address, plan.notice !== undefined], [address, isUnwise], String(listen));
    }
  });

  it('wants a token of 16 letters, and an address of HTTP', () => {
    for (const wrong of ['', 'fifteen-letters', [], [token, 'short']])
      assert.throws(() => planDoor({ listen: 1, token: wrong }), {
        code: 'E_DOOR',
        message: /a token has 16 letters/,
      });
    assert.throws(() => planDoor({ listen: 'websocket://127.0.0.1:1', token }), { code: 'E_DOOR' });
    assert.throws(() => planDoor({ listen: 'http://127.0.0.1', token }), { code: 'E_ADDRESS' });
  });
});
