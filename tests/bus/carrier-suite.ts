import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { afterEach, describe, it } from 'node:test';
import { subscribe } from '../../src/telemetry.ts';
import { now } from '../../src/timer.ts';
import { heardFrom, PORT, type Station } from './station.ts';

/** A way for processes to reach each other: what is examined. */
export interface Candidate {
  readonly name: string;
  /**
   * One that is not on the bus yet.
   *
   * @param number where there are machines, odd ones are on another than even ones.
   * @param cluster `chat` unless told.
   */
  make(number: number, cluster?: string): Station;
  /** After each test. */
  clear?(): Promise<void> | void;
}

const MIB = 1024 * 1024;
const WILD = [
  '*',
  '>',
  'a.b',
  'a',
  'a.*',
  '',
  ' ',
  '\0',
  'with spaces',
  '🙂',
  '🙃',
  '\ud83d',
  'x'.repeat(100_000),
];

/** The examination that every carrier sits. */
export function examine(candidate: Candidate): void {
  describe(candidate.name, { timeout: 30_000, concurrency: 1 }, () => sit(candidate));
}

function sit(candidate: Candidate): void {
  let stations: Station[] = [];

  async function gather(count: number, cluster?: string): Promise<Station[]> {
    const made = Array.from({ length: count }, (_, number) => candidate.make(number, cluster));
    stations.push(...made);
    await Promise.all(made.map(({ bus }) => bus.open()));
    await acquainted(made);
    return made;
  }

  afterEach(async () => {
    await Promise.all(stations.map(({ bus }) => bus.close()));
    stations = [];
    await candidate.clear?.();
  });

  it('a newcomer knows those who are there when it is open, and they know it', async () => {
    const [one, two] = await gather(2);
    const third = candidate.make(2);
    stations.push(third);
    await third.bus.open();
    assert.deepEqual([...third.bus.members.keys()].sort(), ids([one, two]));
    await acquainted([one, two, third] as Station[]);
    assert.equal(one?.bus.members.get(third.id)?.name, `name of ${third.id}`);
    assert.ok(!one?.bus.members.has(one.id), 'it is not among the others');
  });

  it('those who come at the same time know each other', async () => {
    const made = Array.from({ length: 8 }, (_, number) => candidate.make(number));
    stations.push(...made);
    await Promise.all(made.map(({ bus }) => bus.open()));
    await acquainted(made);
    for (const one of made)
      assert.deepEqual([...one.joined].sort(), ids(made.filter((other) => other !== one)));
    assert.equal(new Set(ids(made)).size, 8);
  });

  it('unicast reaches one, and itself at once; an unknown one is known to be unknown', async () => {
    const [one, two, three] = (await gather(3)) as Trio;
    assert.equal(one.say(two, 'you'), true);
    assert.equal(one.say(one, 'me'), true);
    assert.deepEqual(one.heard, ['me']);
    assert.equal(one.bus.unicast(PORT, `${two.id.slice(0, 8)}nobody__`, Buffer.alloc(1)), false);
    assert.deepEqual(await heardFrom(one, [two, three]), [['you'], []]);
    assert.equal(one.bus.counts.sent, 3);
    assert.equal(two.bus.counts.received, 2);
  });

  it('multicast reaches those who are subscribed, from the first message on, and nobody else', async () => {
    const [one, two, three, four] = (await gather(4)) as Quartet;
    await two.subscribe(one, 'cats');
    await four.subscribe(one, 'cats', 'dogs');
    one.bus.subscribe('dogs');
    one.sayAbout(['cats'], 'miaow');
    one.sayAbout(['dogs'], 'woof');
    one.sayAbout(['owls'], 'hoo');
    const heard = await heardFrom(one, [one, two, three, four]);
    assert.deepEqual(heard, [['woof'], ['miaow'], [], ['miaow', 'woof']]);
  });

  it('several topics at once come once', async () => {
    const [one, two, three] = (await gather(3)) as Trio;
    await two.subscribe(one, 'a', 'b', 'c');
    await three.subscribe(one, 'b');
    for (let round = 0; round < 3; round++) one.sayAbout(['a', 'b', 'c'], `to all three ${round}`);
    one.sayAbout(['a'], 'one');
    const three_ = ['to all three 0', 'to all three 1', 'to all three 2'];
    assert.deepEqual(await heardFrom(one, [two, three]), [[...three_, 'one'], three_]);
  });

  it('whoever is about to be subscribed gets it exactly once, whether it is already or not', async () => {
    const [one, two, three, four] = (await gather(4)) as Quartet;
    await two.subscribe(one, 'room');
    await four.subscribe(one, 'room');
    one.bus.subscribe('room');
    one.sayAbout(['room'], 'first', [two, three, one]);
    one.sayAbout(['room', 'hall'], 'second', [two, three]);
    one.sayAbout(['hall'], 'third', [three]);
    const heard = await heardFrom(one, [one, two, three, four]);
    const [first, second, third] = ['first', 'second', 'third'];
    assert.deepEqual(heard, [
      [first, second],
      [first, second],
      [first, second, third],
      [first, second],
    ]);
  });

  it('broadcast reaches everybody, once', async () => {
    const made = await gather(4);
    const [one] = made as Quartet;
    one.sayToAll('all');
    assert.deepEqual(await heardFrom(one, made), [['all'], ['all'], ['all'], ['all']]);
  });

  it('keeps the order of one sender, whichever way its messages go', async () => {
    const [one, two] = (await gather(2)) as Pair;
    await two.subscribe(one, 'topic', 'other');
    const expected: string[] = [];
    const asked: Promise<unknown>[] = [];
    for (let number = 0; number < 400; number++) {
      const text = `${number}`;
      if (number % 5 === 0) one.say(two, text);
      if (number % 5 === 1) one.sayAbout(['topic'], text);
      if (number % 5 === 2) one.sayToAll(text);
      if (number % 5 === 3) asked.push(one.ask([two], text));
      if (number % 5 === 4) one.sayAbout(['other', 'topic'], text, [two]);
      expected.push(number % 5 === 3 ? `?${text}` : text);
    }
    assert.deepEqual(await heardFrom(one, [two]), [expected]);
    await Promise.all(asked);
  });

  it('a question goes to all at the same time, itself included; who is not there does not answer', async () => {
    const made = await gather(4);
    const [one] = made as Quartet;
    const begun = now();
    const rounds = 20;
    for (let round = 0; round < rounds; round++) {
      const answers = await one.ask(made, 'well');
      assert.deepEqual(answers, Object.fromEntries(made.map(({ id }) => [id, 'well!'])));
    }
    assert.ok((now() - begun) / rounds < 100, `${(now() - begun) / rounds} ms for a round trip`);
    const absent = candidate.make(0);
    assert.deepEqual(await one.ask([absent], 'hello'), {});
    assert.deepEqual(await one.ask([], 'hello'), {});
    const unheard = await one.bus.ask(PORT + 1, [made[1]?.id ?? ''], Buffer.from('hello'));
    assert.equal(unheard.get(made[1]?.id ?? '')?.length, 0);
  });

  it('what a handler throws is reported, fails its question, and concerns nobody else', async () => {
    const [one, two] = (await gather(2)) as Pair;
    const purpose = new Error('on purpose');
    let failures = 0;
    const stop = subscribe('usta:handler:failed', ({ error }) => {
      if (error === purpose) failures++;
    });
    two.answer = () => {
      throw purpose;
    };
    const throwing = {
      message: () => two.answer(''),
      question: () => Buffer.alloc(0),
      joined: () => two.answer(''),
    };
    two.bus.listen(PORT + 2, throwing as never);
    one.bus.unicast(PORT + 2, two.id, Buffer.from('x'));
    await assert.rejects(one.ask([two], 'x'), {
      code: 'E_BUS_ANSWER',
      message: new RegExp(`^name of ${two.id}`),
    });
    await assert.rejects(two.ask([two], 'x'), { code: 'E_BUS_ANSWER' });
    one.say(two, 'goes on');
    assert.deepEqual(await heardFrom(one, [two]), [['?x', '?x', 'goes on']]);
    stop();
    assert.equal(failures, 4);
  });

  it('one who leaves is told once, and does not hold up a question', async () => {
    const [one, two, three] = (await gather(3)) as Trio;
    // It is asked while it leaves, so that it cannot answer any more.
    const leaving = two.bus.close();
    const answers = one.ask([two, three], 'still there');
    await leaving;
    const left = now();
    assert.equal((await answers)[three.id], 'still there!');
    await one.until(() => one.left.length > 0, 'to hear that it left');
    assert.ok(now() - left < 2000);
    await three.until(() => three.left.length > 0, 'to hear that it left');
    await heardFrom(one, [three]);
    assert.deepEqual([one.left, three.left], [[two.id], [two.id]]);
    assert.equal(one.say(two, 'too late'), false);
    assert.deepEqual([...one.bus.members.keys()], [three.id]);
  });

  it('whoever leaves has said everything before', async () => {
    const [one, two] = (await gather(2)) as Pair;
    for (let number = 0; number < 100; number++) one.say(two, `${number}`);
    one.sayToAll('last words');
    await one.bus.close();
    await two.until(() => two.left.length > 0, 'to hear that it left');
    assert.equal(two.heard.length, 101);
    assert.equal(two.heard.at(-1), 'last words');
  });

  it('closing fails the questions that are open, and those that follow', async () => {
    const [one, two] = (await gather(2)) as Pair;
    const open = one.ask([two], 'x');
    const closed = one.bus.close();
    await assert.rejects(open, { code: 'E_BUS_CLOSED' });
    await closed;
    await assert.rejects(one.ask([two], 'x'), { code: 'E_BUS_CLOSED' });
    await one.bus.close();
  });

  it('topics are not patterns, and do not collide', async () => {
    const [one, two] = (await gather(2)) as Pair;
    await two.subscribe(one, ...WILD);
    for (const [index, topic] of WILD.entries()) {
      two.bus.unsubscribe(topic);
      await two.inForce(one);
      one.sayAbout([topic], `not ${index}`);
      await heardFrom(one, [two]);
      two.bus.subscribe(topic);
      await two.inForce(one);
      one.sayAbout([topic], `${index}`);
      await heardFrom(one, [two]);
    }
    for (const stranger of ['b', 'a.b.c', '**', '\ud83c', 'x'.repeat(99_999)])
      one.sayAbout([stranger], 'nothing');
    assert.deepEqual(await heardFrom(one, [two]), [WILD.map((_, index) => `${index}`)]);
  });

  it('is unsubscribed when it has unsubscribed as often as it has subscribed', async () => {
    const [one, two] = (await gather(2)) as Pair;
    await two.subscribe(one, 'topic', 'topic');
    one.sayAbout(['topic'], 'twice');
    await heardFrom(one, [two]);
    two.bus.unsubscribe('topic');
    await two.inForce(one);
    one.sayAbout(['topic'], 'once');
    await heardFrom(one, [two]);
    two.bus.unsubscribe('topic');
    two.bus.unsubscribe('topic');
    await two.inForce(one);
    one.sayAbout(['topic'], 'never');
    await heardFrom(one, [two]);
    await two.subscribe(one, 'topic');
    one.sayAbout(['topic'], 'again');
    assert.deepEqual(await heardFrom(one, [two]), [['twice', 'once', 'again']]);
    assert.deepEqual(one.bus.counts.lost, { gap: 0, slow: 0, cut: 0 });
    assert.deepEqual(two.bus.counts.lost, { gap: 0, slow: 0, cut: 0 });
  });

  it('a new role is told to all, and once', async () => {
    const [one, two, three] = (await gather(3)) as Trio;
    two.bus.take('gateway', 'chat');
    two.bus.take('gateway', 'chat');
    await one.until(() => one.joined.includes(`${two.id} gateway`), 'to hear of the role');
    two.bus.take('business', 'chat');
    await three.until(() => three.joined.includes(`${two.id} gateway business`), 'to hear of the role');
    const told = three.joined.filter((text) => text.startsWith(two.id));
    assert.deepEqual(told, [two.id, `${two.id} gateway`, `${two.id} gateway business`]);
    assert.equal(three.bus.members.get(two.id)?.name, 'chat');
    const late = candidate.make(4);
    stations.push(late);
    await late.bus.open();
    assert.deepEqual(late.bus.members.get(two.id)?.roles, ['gateway', 'business']);
    assert.deepEqual(three.left, []);
  });

  it('carries messages of every size', async () => {
    const [one, two] = (await gather(2)) as Pair;
    await two.subscribe(one, 'topic');
    const sizes = [0, 1, 100, 65_530, 65_536, 300_000, MIB - 1024];
    const payloads = sizes.map((size) => randomBytes(size));
    for (const payload of payloads) one.bus.unicast(PORT, two.id, payload);
    for (const payload of payloads) one.bus.multicast(PORT, ['topic'], payload);
    await heardFrom(one, [two]);
    const got = two.bytes.filter(
      (bytes) => bytes.length === 0 || !/^(in force|end)/.test(bytes.toString('latin1', 0, 8)),
    );
    assert.equal(got.length, 2 * sizes.length);
    for (const [index, bytes] of got.entries())
      assert.ok(bytes.equals(payloads[index % sizes.length] ?? Buffer.alloc(0)), `message ${index}`);
  });

  it('two clusters do not hear each other', async () => {
    const [one, two] = (await gather(2)) as Pair;
    const [three, four] = (await gather(2, 'games')) as Pair;
    await two.subscribe(one, 'topic');
    await four.subscribe(three, 'topic');
    one.sayAbout(['topic'], 'chat');
    one.sayToAll('chat to all');
    three.sayAbout(['topic'], 'games');
    assert.deepEqual(await heardFrom(one, [two]), [['chat', 'chat to all']]);
    assert.deepEqual(await heardFrom(three, [four]), [['games']]);
    assert.deepEqual([...one.bus.members.keys()], [two.id]);
    assert.deepEqual([...four.bus.members.keys()], [three.id]);
  });

  it('whoever listens later hears of those who are there, first', async () => {
    const [one, two] = (await gather(2)) as Pair;
    const joined: string[] = [];
    one.bus.listen(PORT + 3, {
      message() {},
      question: () => Buffer.alloc(0),
      joined: ({ id }) => joined.push(id),
    });
    assert.deepEqual(joined, [two.id]);
  });
}

type Pair = [Station, Station];
type Trio = [Station, Station, Station];
type Quartet = [Station, Station, Station, Station];

async function acquainted(stations: readonly Station[]): Promise<void> {
  for (const one of stations)
    await one.until(
      () => stations.every((other) => other === one || one.bus.members.has(other.id)),
      'to know everybody',
    );
}

function ids(stations: readonly (Station | undefined)[]): string[] {
  return stations.map((one) => one?.id ?? '').sort();
}
