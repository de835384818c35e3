import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { BufferedWire } from '../../src/transport/buffered-wire.ts';
import { turns } from './ear.ts';

const KIB = 1024;
const BATCH = 256 * KIB;

/** Takes down what is handed on; `takes` says whether it leaves at once. */
class Pipe extends BufferedWire {
  takes = true;
  /** Every write: its chunks as they lay in memory, and what they held at that time. */
  readonly writes: { readonly chunks: readonly Buffer[]; readonly bytes: Buffer }[] = [];
  readonly deltas: number[] = [];
  finishes = 0;
  onBuffered: (delta: number) => void = () => {};

  get sizes(): number[] {
    return this.writes.map(({ bytes }) => bytes.length);
  }

  get reported(): number {
    return this.deltas.reduce((sum, delta) => sum + delta, 0);
  }

  say(size: number, letter: string = 'x'): void {
    this.out.writeLatin1(letter.repeat(size));
    this.commit();
  }

  /** The write under way has left. */
  taken(): void {
    assert.ok(this.isWriting);
    this.writtenLater();
  }

  stop(): void {
    this.drop();
  }

  protected override write(chunk: Buffer): boolean {
    return this.writeAll([chunk]);
  }

  protected override writeAll(chunks: readonly Buffer[]): boolean {
    this.writes.push({ chunks, bytes: Buffer.concat(chunks) });
    return this.takes;
  }

  protected override changed(delta: number): void {
    this.deltas.push(delta);
    this.onBuffered(delta);
  }

  protected override finish(): void {
    this.finishes++;
  }
}

describe('buffered wire: what leaves together', () => {
  it('one write for all that a turn has produced', async () => {
    const pipe = new Pipe();
    pipe.say(10, 'a');
    pipe.share(Buffer.alloc(5000, 'b'));
    pipe.say(10, 'c');
    pipe.share(Buffer.alloc(10, 'd'));
    pipe.say(10, 'e');
    assert.deepEqual(pipe.sizes, []);
    await turns(1);
    assert.deepEqual(pipe.sizes, [5040]);
    assert.equal(pipe.writes[0]?.bytes.toString(), ['a', 'b', 'c', 'd', 'e'].map(run).join(''));
    assert.deepEqual(pipe.deltas, []);

    function run(letter: string): string {
      return letter.repeat(letter === 'b' ? 5000 : 10);
    }
  });

  it('64 KiB at once, the rest at the end of the turn', async () => {
    const pipe = new Pipe();
    pipe.say(64 * KIB - 1);
    assert.deepEqual(pipe.sizes, []);
    pipe.say(1);
    assert.deepEqual(pipe.sizes, [64 * KIB]);
    pipe.say(10);
    await turns(1);
    assert.deepEqual(pipe.sizes, [64 * KIB, 10]);
  });

  it('64 KiB at once when they are shared', () => {
    const pipe = new Pipe();
    for (let count = 0; count < 8; count++) pipe.share(Buffer.alloc(8 * KIB));
    assert.deepEqual(pipe.sizes, [64 * KIB]);
  });

  it('a turn that ends while a write is under way adds nothing to it', async () => {
    const pipe = new Pipe();
    pipe.takes = false;
    pipe.say(10);
    await turns(1);
    pipe.say(20);
    await turns(2);
    assert.deepEqual(pipe.sizes, [10]);
    pipe.taken();
    assert.deepEqual(pipe.sizes, [10, 20]);
  });

  it('at most 256 KiB at a time, in as many writes as are taken', () => {
    const pipe = new Pipe();
    pipe.say(1024 * KIB + 5);
    assert.deepEqual(pipe.sizes, [BATCH, BATCH, BATCH, BATCH, 5]);
    pipe.takes = false;
    pipe.say(1024 * KIB + 5);
    assert.deepEqual(pipe.sizes.slice(5), [BATCH]);
    pipe.takes = true;
    pipe.taken();
    assert.deepEqual(pipe.sizes.slice(5), [BATCH, BATCH, BATCH, BATCH, 5]);
    assert.equal(pipe.bufferedBytes, 0);
  });

  it('nothing when nothing was written', async () => {
    const pipe = new Pipe();
    pipe.commit();
    assert.equal(pipe.out.position, 0);
    await turns(2);
    assert.deepEqual(pipe.sizes, []);
  });
});

describe('buffered wire: memory', () => {
  it('hands shared bytes on by reference', async () => {
    const pipe = new Pipe();
    const [small, large] = [Buffer.from('small'), Buffer.alloc(5000)];
    pipe.share(small);
    pipe.share(large);
    pipe.say(10);
    await turns(1);
    assert.equal(pipe.writes[0]?.chunks[0], small);
    assert.equal(pipe.writes[0]?.chunks[1], large);
  });

  it('does not touch bytes that are under way', async () => {
    const pipe = new Pipe();
    pipe.takes = false;
    const kept: Buffer[] = [];
    for (const letter of ['a', 'b', 'c', 'd']) {
      pipe.say(100 * KIB, letter);
      pipe.say(10, letter.toUpperCase());
      await turns(1);
    }
    for (let write = 0; write < pipe.writes.length; write++) {
      const { chunks, bytes } = pipe.writes[write] as { chunks: readonly Buffer[]; bytes: Buffer };
      new Pipe().say(100, 'z');
      assert.ok(Buffer.concat(chunks).equals(bytes), `write ${write} has changed under way`);
      kept.push(bytes);
      if (pipe.bufferedBytes > 0) pipe.taken();
    }
    const expected = ['a', 'b', 'c', 'd'].map(
      (letter) => letter.repeat(100 * KIB) + letter.toUpperCase().repeat(10),
    );
    assert.equal(Buffer.concat(kept).toString(), expected.join(''));
  });

  it('lends memory to the next wire once it is free', async () => {
    const [one, other] = [new Pipe(), new Pipe()];
    one.say(100);
    await turns(1);
    other.say(100);
    await turns(1);
    assert.equal(one.writes[0]?.chunks[0]?.buffer, other.writes[0]?.chunks[0]?.buffer);
  });

  it('does not lend memory that was under way when the wire ended', async () => {
    const [one, other] = [new Pipe(), new Pipe()];
    one.takes = false;
    one.say(100, 'a');
    await turns(1);
    one.stop();
    other.say(100, 'b');
    await turns(1);
    assert.equal(one.writes[0]?.chunks[0]?.toString(), 'a'.repeat(100));
  });
});

describe('buffered wire: the account', () => {
  it('reports what stays behind, and its leaving', async () => {
    const pipe = new Pipe();
    pipe.onBuffered = () => assert.equal(pipe.reported, pipe.bufferedBytes);
    pipe.takes = false;
    pipe.say(10);
    assert.equal(pipe.bufferedBytes, 10);
    await turns(1);
    pipe.say(20);
    pipe.share(Buffer.alloc(30));
    assert.equal(pipe.bufferedBytes, 60);
    assert.deepEqual(pipe.deltas, [10]);
    await turns(1);
    assert.deepEqual(pipe.deltas, [10, 50]);
    pipe.taken();
    assert.deepEqual(pipe.deltas, [10, 50, -10]);
    pipe.takes = true;
    pipe.taken();
    assert.deepEqual(pipe.deltas, [10, 50, -10, -50]);
    assert.equal(pipe.bufferedBytes, 0);
  });

  it('stays right when its listener writes, ends or discards', async () => {
    const pipe = new Pipe();
    pipe.takes = false;
    pipe.say(10);
    await turns(1);
    pipe.onBuffered = (delta) => {
      pipe.onBuffered = () => {};
      assert.equal(delta, 300 * KIB);
      pipe.say(70 * KIB);
      pipe.end();
      pipe.discard();
    };
    pipe.say(300 * KIB);
    assert.equal(pipe.reported, pipe.bufferedBytes);
    assert.equal(pipe.bufferedBytes, 10);
    pipe.taken();
    assert.equal(pipe.reported, 0);
    assert.equal(pipe.finishes, 1);
  });

  it('is closed without a word when the wire is dropped', async () => {
    const pipe = new Pipe();
    pipe.takes = false;
    pipe.say(10);
    await turns(1);
    pipe.say(20);
    pipe.stop();
    assert.equal(pipe.bufferedBytes, 0);
    pipe.say(100 * KIB);
    pipe.share(Buffer.alloc(10));
    pipe.discard();
    pipe.end();
    await turns(2);
    assert.equal(pipe.bufferedBytes, 0);
    assert.deepEqual(pipe.deltas, [10]);
    assert.deepEqual(pipe.sizes, [10]);
    assert.equal(pipe.finishes, 0);
  });
});

describe('buffered wire: discarding', () => {
  it('leaves the stream whole between commits', async () => {
    const pipe = new Pipe();
    pipe.takes = false;
    pipe.say(100 * KIB, 'a');
    pipe.say(100 * KIB, 'b');
    pipe.say(10, 'c');
    assert.equal(pipe.discard(), true);
    pipe.say(10, 'd');
    await turns(1);
    pipe.takes = true;
    pipe.taken();
    const all = Buffer.concat(pipe.writes.map(({ bytes }) => bytes)).toString();
    assert.equal(all, 'a'.repeat(100 * KIB) + 'd'.repeat(10));
  });

  it('tells of a cut within a commit, once', () => {
    const pipe = new Pipe();
    pipe.takes = false;
    pipe.say(300 * KIB);
    assert.equal(pipe.discard(), false);
    assert.equal(pipe.bufferedBytes, BATCH);
    assert.equal(pipe.discard(), true);
  });

  it('tells of no cut when the last piece of a large commit is under way', () => {
    const pipe = new Pipe();
    pipe.takes = false;
    pipe.say(300 * KIB);
    pipe.say(100 * KIB);
    pipe.taken();
    assert.deepEqual(pipe.sizes, [BATCH, 144 * KIB]);
    assert.equal(pipe.discard(), true);
  });
});

describe('buffered wire: ending', () => {
  it('ends after what is queued, once', async () => {
    const pipe = new Pipe();
    pipe.takes = false;
    pipe.say(10);
    pipe.end();
    pipe.end();
    assert.deepEqual(pipe.sizes, [10]);
    assert.equal(pipe.finishes, 0);
    pipe.taken();
    assert.equal(pipe.finishes, 1);
    pipe.say(10);
    await turns(1);
    assert.deepEqual(pipe.sizes, [10]);
    assert.equal(pipe.bufferedBytes, 0);
    assert.equal(pipe.finishes, 1);
  });

  it('ends at once when nothing is queued', () => {
    const pipe = new Pipe();
    pipe.end();
    assert.equal(pipe.finishes, 1);
    assert.deepEqual(pipe.sizes, []);
  });

  it('ends when what kept it is discarded', () => {
    const pipe = new Pipe();
    pipe.takes = false;
    pipe.say(300 * KIB);
    pipe.end();
    pipe.discard();
    pipe.taken();
    assert.equal(pipe.finishes, 1);
    assert.deepEqual(pipe.sizes, [BATCH]);
  });
});
