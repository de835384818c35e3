import assert from 'node:assert/strict';
import { ByteWriter } from '../bytes/byte-writer.ts';
import { PeerError } from '../errors.ts';
import type { Codec, CodecEvent } from '../protocol/codec.ts';
import { randomCuts } from './random-cuts.ts';

/** A codec, and what it must be able to do. The examination is the same for all. */
export interface Examinee<In, Out> {
  /** Of a protocol: `() => moves.makeCodec({ maxPackageSize: 1024 })`. */
  make(): Codec<In, Out>;
  /** Some messages as they come from the peer, at least two, the first of more than one byte. */
  readonly messages: readonly Buffer[];
  /** What is to be heard of each of them. */
  readonly heard: readonly unknown[];
  /** The comparable part of an event, as it stands in `heard`. Default: the message itself. */
  show?(event: CodecEvent<In>): unknown;
  /**
   * Where a message ends: told by its bytes (the default), or wherever the bytes that arrived together end. In
   * the second case only the bytes of all messages together can be compared, and no message can be cut.
   */
  readonly boundaries?: 'in the bytes' | 'the chunks';
  /** Bytes that break the protocol; left out where nothing can. */
  readonly broken?: Buffer;
  /** What the codec's user does with a message before the next one is pulled. */
  handle?(codec: Codec<In, Out>): void;
  /** What is sent. */
  readonly sent: readonly Out[];
  /** Puts the codec into the state in which the next message may be sent. */
  beforeSending?(codec: Codec<In, Out>): void;
  /** How the peer reads what was sent. Default: with a codec of the same kind. */
  readAsPeer?(bytes: Buffer): readonly unknown[];
  /** What the peer must have read, if not `sent` itself. */
  readonly read?: readonly unknown[];
  /** Of the random cuts; a failure names the one that it came with. Default: another one each time. */
  readonly seed?: number;
}

/** Tells a test runner of one test: `it` of `node:test`, of vitest, of Jest. */
export type Tell = (name: string, test: () => void) => unknown;

/**
 * Examines a codec, within a `describe` of the caller: what every one of them owes to the connection that
 * drives it.
 *
 * @param it the `it` of your test runner.
 */
export function examineCodec<In, Out>(examinee: Examinee<In, Out>, it: Tell): void {
  const { make } = examinee;
  const show =
    examinee.show ?? ((event: CodecEvent<In>) => (event.type === 'message' ? event.message : event));
  const complete: Complete<In, Out> = {
    boundaries: 'in the bytes',
    readAsPeer: (bytes) => readWith(make() as Codec<In, unknown>, bytes),
    ...examinee,
    show,
  };
  examineReading(complete, it);
  examineLoans(complete, it);
  examineRest(complete, it);
  examineMemory(complete, it);
  if (complete.broken) examineErrors(complete, complete.broken, it);
  examineWriting(complete, it);
}

type Complete<In, Out> = Examinee<In, Out> &
  Required<Pick<Examinee<In, Out>, 'show' | 'boundaries' | 'readAsPeer'>>;

function examineReading<In, Out>(examinee: Complete<In, Out>, it: Tell): void {
  const bytes = Buffer.concat(examinee.messages);
  const expected = comparable(examinee, examinee.heard);

  it('hears the same whole, byte by byte, and in random cuts', () => {
    assert.deepEqual(converse(examinee, [bytes]), expected, 'whole');
    assert.deepEqual(converse(examinee, cutAt(bytes, everyOffset(bytes))), expected, 'byte by byte');
    for (const { at, told } of randomCuts(bytes.length, examinee.seed)) {
      assert.deepEqual(converse(examinee, cutAt(bytes, at)), expected, told);
    }
  });

  it('hears one event for each pull, and undefined when there is none', () => {
    const codec = examinee.make();
    assert.equal(codec.pull(), undefined);
    for (const [index, message] of examinee.messages.entries()) {
      lend(codec, message);
      const event = codec.pull();
      assert.deepEqual(event && examinee.show(event), examinee.heard[index]);
      examinee.handle?.(codec);
      assert.equal(codec.pull(), undefined);
    }
  });

  it('hears nothing of no bytes', () => {
    const codec = examinee.make();
    lend(codec, Buffer.alloc(0));
    assert.equal(codec.pull(), undefined);
    codec.retain();
    assert.deepEqual([codec.heldBytes, codec.midMessage, codec.rest().length], [0, false, 0]);
  });
}

function examineLoans<In, Out>(examinee: Complete<In, Out>, it: Tell): void {
  const [first = Buffer.alloc(0)] = examinee.messages;

  it('retain() ends the loan: what the lender does afterwards changes nothing', () => {
    for (let cut = 0; cut <= first.length; cut++) {
      const lent = [Buffer.from(first.subarray(0, cut)), Buffer.from(first.subarray(cut))];
      const codec = examinee.make();
      const events: CodecEvent<In>[] = [];
      for (const piece of lent) {
        push(codec, piece);
        if (examinee.boundaries === 'in the bytes') events.push(...pullAll(examinee, codec));
        codec.retain();
        piece.fill(0xee);
      }
      events.push(...pullAll(examinee, codec));
      assert.deepEqual(events.map(examinee.show), [examinee.heard[0]], `cut at ${cut}`);
    }
  });

  it('what was pulled belongs to who pulled it', () => {
    const lent = Buffer.from(Buffer.concat(examinee.messages));
    const codec = examinee.make();
    push(codec, lent);
    const events = pullAll(examinee, codec);
    codec.retain();
    lent.fill(0xee);
    assert.deepEqual(comparable(examinee, events.map(examinee.show)), comparable(examinee, examinee.heard));
  });

  it('touches nothing outside of what was lent', () => {
    const edge = Buffer.alloc(9, 0x5a);
    for (let before = 0; before < 9; before++) {
      const around = Buffer.concat([edge.subarray(0, before), first, edge]);
      const view = new DataView(around.buffer, around.byteOffset, around.length);
      const codec = examinee.make();
      codec.push({ bytes: around, view }, before, before + first.length);
      assert.deepEqual(pullAll(examinee, codec).map(examinee.show), [examinee.heard[0]]);
      assert.deepEqual(around.subarray(0, before), edge.subarray(0, before));
      assert.deepEqual(around.subarray(before + first.length), edge);
    }
  });
}

function examineRest<In, Out>(examinee: Complete<In, Out>, it: Tell): void {
  const bytes = Buffer.concat(examinee.messages);

  it('rest() gives everything before the first pull, and takes it away', () => {
    for (const retained of [false, true]) {
      const lent = Buffer.from(bytes);
      const codec = examinee.make();
      push(codec, lent);
      if (retained) codec.retain();
      const rest = codec.rest();
      lent.fill(0xee);
      assert.deepEqual(rest, bytes);
      assert.deepEqual([codec.pull(), codec.rest().length, codec.heldBytes], [undefined, 0, 0]);
    }
  });

  if (examinee.boundaries === 'the chunks') return;
  it('rest() gives what follows the last event, also half a message', () => {
    for (let cut = 0; cut < bytes.length; cut++) {
      const codec = examinee.make();
      lend(codec, bytes.subarray(0, cut));
      const [first = Buffer.alloc(0)] = examinee.messages;
      if (cut < first.length) continue;
      assert.notEqual(codec.pull(), undefined);
      assert.deepEqual(codec.rest(), bytes.subarray(first.length, cut));
    }
  });
}

function examineMemory<In, Out>(examinee: Complete<In, Out>, it: Tell): void {
  it('heldBytes is 0 when idle: before, between and after messages', () => {
    const codec = examinee.make();
    assert.deepEqual([codec.heldBytes, codec.midMessage], [0, false]);
    for (const message of examinee.messages) {
      for (const piece of cutAt(message, everyOffset(message))) {
        lend(codec, piece);
        pullAll(examinee, codec);
        codec.retain();
      }
      assert.deepEqual([codec.heldBytes, codec.midMessage], [0, false]);
    }
  });

  if (examinee.boundaries === 'the chunks') return;
  it('heldBytes and midMessage tell of half a message', () => {
    const [message = Buffer.alloc(0)] = examinee.messages;
    for (let cut = 1; cut < message.length; cut++) {
      const codec = examinee.make();
      lend(codec, message.subarray(0, cut));
      assert.equal(codec.pull(), undefined);
      codec.retain();
      assert.ok(codec.midMessage, `${cut} of ${message.length} bytes`);
      assert.ok(codec.heldBytes <= message.length + 17 * 1024, `${codec.heldBytes} held for ${cut}`);
    }
  });
}

function examineErrors<In, Out>(examinee: Complete<In, Out>, broken: Buffer, it: Tell): void {
  const [first = Buffer.alloc(0)] = examinee.messages;

  it('an error ends the reading: nothing is pulled, held or kept afterwards', () => {
    for (const pieces of [[broken], cutAt(broken, everyOffset(broken)), [Buffer.concat([broken, first])]]) {
      const codec = examinee.make();
      assert.throws(() => {
        for (const piece of pieces) {
          lend(codec, piece);
          pullAll(examinee, codec);
          codec.retain();
        }
      }, PeerError);
      assert.deepEqual([codec.pull(), codec.heldBytes, codec.midMessage], [undefined, 0, false]);
      lend(codec, first);
      assert.equal(codec.pull(), undefined);
      codec.retain();
      assert.deepEqual([codec.heldBytes, codec.rest().length], [0, 0]);
    }
  });

  it('what came before the error is heard', () => {
    const codec = examinee.make();
    lend(codec, Buffer.concat([first, broken]));
    const event = codec.pull();
    assert.deepEqual(event && examinee.show(event), examinee.heard[0]);
    examinee.handle?.(codec);
    assert.throws(() => codec.pull(), PeerError);
  });
}

function examineWriting<In, Out>(examinee: Complete<In, Out>, it: Tell): void {
  it('what is encoded is what the peer reads', () => {
    const codec = examinee.make();
    const out = new ByteWriter(1);
    for (const message of examinee.sent) {
      examinee.beforeSending?.(codec);
      codec.encode(message, out);
    }
    const read = examinee.readAsPeer(Buffer.from(out.written()));
    assert.deepEqual(comparable(examinee, read), comparable(examinee, examinee.read ?? examinee.sent));
  });

  it('encode() appends to what was written before', () => {
    const codec = examinee.make();
    const out = new ByteWriter(1);
    out.writeLatin1('before');
    const [message] = examinee.sent;
    examinee.beforeSending?.(codec);
    codec.encode(message as Out, out);
    const written = out.written();
    assert.equal(written.toString('latin1', 0, 6), 'before');
    const read = examinee.readAsPeer(Buffer.from(written.subarray(6)));
    assert.deepEqual(read, (examinee.read ?? examinee.sent).slice(0, 1));
  });
}

/** What is heard of these pieces, each lent, pulled from, and spoiled. */
function converse<In, Out>(examinee: Complete<In, Out>, pieces: readonly Buffer[]): unknown {
  const codec = examinee.make();
  const events: unknown[] = [];
  for (const piece of pieces) {
    const lent = Buffer.from(piece);
    push(codec, lent);
    events.push(...pullAll(examinee, codec).map(examinee.show));
    codec.retain();
    lent.fill(0xee);
  }
  return comparable(examinee, events);
}

/** Where chunks are the messages, only all of them together can be compared. */
function comparable<In, Out>({ boundaries }: Complete<In, Out>, shown: readonly unknown[]): unknown {
  return boundaries === 'in the bytes' ? shown : shown.join('');
}

function pullAll<In, Out>(examinee: Examinee<In, Out>, codec: Codec<In, Out>): CodecEvent<In>[] {
  const events: CodecEvent<In>[] = [];
  for (let event = codec.pull(); event; event = codec.pull()) {
    events.push(event);
    examinee.handle?.(codec);
  }
  return events;
}

function readWith(codec: Codec<unknown, unknown>, bytes: Buffer): unknown[] {
  const heard: unknown[] = [];
  lend(codec, bytes);
  for (let event = codec.pull(); event; event = codec.pull()) {
    heard.push(event.type === 'message' ? event.message : event);
  }
  return heard;
}

/** Lends a copy, since a codec may change what it reads. */
function lend<In, Out>(codec: Codec<In, Out>, bytes: Buffer): void {
  push(codec, Buffer.from(bytes));
}

function push<In, Out>(codec: Codec<In, Out>, bytes: Buffer): void {
  codec.push({ bytes, view: new DataView(bytes.buffer, bytes.byteOffset, bytes.length) }, 0, bytes.length);
}

function everyOffset(bytes: Buffer): number[] {
  return Array.from(bytes, (_, index) => index);
}

function cutAt(bytes: Buffer, cuts: readonly number[]): Buffer[] {
  const edges = [0, ...[...cuts].sort((a, b) => a - b), bytes.length];
  return edges.slice(1).map((edge, index) => bytes.subarray(edges[index], edge));
}
