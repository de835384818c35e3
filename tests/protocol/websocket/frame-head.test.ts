import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Inbox } from '../../../src/bytes/inbox.ts';
import { sourceOf } from '../../../src/bytes/source.ts';
import {
  emptyHead,
  type FrameHead,
  type HeadRules,
  readHead,
} from '../../../src/protocol/websocket/frame-head.ts';
import { BINARY, CLOSE, CONTINUATION, codeOf, frame, KEY, PING, PONG, TEXT } from './frames.ts';

const SERVER: HeadRules = { masked: true, deflate: false };
const CLIENT: HeadRules = { masked: false, deflate: false };
const DEFLATING: HeadRules = { masked: true, deflate: true };

/** Payload length, and the bytes that tell it. */
const LENGTHS = [
  [0, 0],
  [1, 0],
  [125, 0],
  [126, 2],
  [127, 2],
  [65_535, 2],
  [65_536, 8],
  [2 ** 32, 8],
  [2 ** 52, 8],
] as const;

/** What is wrong, the bytes up to the one that shows it, and the rules if they are not the server's. */
const FAULTS: readonly (readonly [title: string, hex: string, rules?: HeadRules])[] = [
  ...[3, 4, 5, 6, 7, 11, 12, 13, 14, 15].map(
    (opcode) => [`§5.2 opcode ${opcode}`, (0x80 | opcode).toString(16)] as const,
  ),
  ['§5.2 RSV1 without an extension', 'c1'],
  ['§5.2 RSV2', 'a1'],
  ['§5.2 RSV3', '91'],
  ['§5.2 RSV2 with permessage-deflate', 'e1', DEFLATING],
  ['§5.2 RSV3 with permessage-deflate', 'd1', DEFLATING],
  ['RFC 7692 §6.1 RSV1 on a continuation', '40', DEFLATING],
  ['RFC 7692 §6.1 RSV1 on a ping', 'c9', DEFLATING],
  ['RFC 7692 §6.1 RSV1 on a close', 'c8', DEFLATING],
  ['§5.5 a fragmented close', '08'],
  ['§5.5 a fragmented ping', '09'],
  ['§5.5 a fragmented pong', '0a'],
  ['§5.1 no mask, to a server', '8105'],
  ['§5.1 a mask, to a client', '8185', CLIENT],
  ['§5.5 a ping of 126 bytes', '89fe'],
  ['§5.5 a close of 64 KiB', '88ff'],
  ['§5.5 a pong of 126 bytes, to a client', '8a7e', CLIENT],
  ['§5.2 0 in two bytes', '81fe0000'],
  ['§5.2 125 in two bytes', '82fe007d'],
  ['§5.2 0 in eight bytes', '82ff000000000000'],
  ['§5.2 the highest bit', '82ff80'],
  ['§5.2 every bit', '827fff', CLIENT],
];

describe('readHead — RFC 6455 §5.2', () => {
  for (const [length, extended] of LENGTHS) {
    it(`§5.2 reads a length of ${length} in ${extended === 0 ? 'the second byte' : `${extended} bytes`}`, () => {
      for (const key of [KEY, undefined]) {
        const bytes = frame({ opcode: BINARY, announced: length, key });
        const head = readWhole(bytes, key ? SERVER : CLIENT);
        assert.deepEqual([head.length, head.size], [length, 2 + extended + (key ? 4 : 0)]);
      }
    });
  }

  it('§5.2 reads every opcode that is defined', () => {
    for (const opcode of [CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG]) {
      assert.equal(readWhole(frame({ opcode, key: KEY }), SERVER).opcode, opcode);
    }
  });

  it('§5.2 reads FIN', () => {
    for (const opcode of [CONTINUATION, TEXT, BINARY]) {
      assert.equal(readWhole(frame({ opcode, key: KEY }), SERVER).final, true);
      assert.equal(readWhole(frame({ opcode, key: KEY, final: false }), SERVER).final, false);
    }
  });

  it('§5.3 reads the key as it lies in memory', () => {
    const head = readWhole(frame({ opcode: TEXT, key: KEY }), SERVER);
    assert.deepEqual([head.masked, head.key], [true, KEY.readInt32LE()]);
    const unmasked = readWhole(frame({ opcode: TEXT }), CLIENT);
    assert.deepEqual([unmasked.masked, unmasked.key], [false, 0]);
  });

  it('RFC 7692 §6 reads RSV1 when permessage-deflate was negotiated', () => {
    for (const opcode of [TEXT, BINARY]) {
      assert.equal(readWhole(frame({ opcode, key: KEY, rsv: 4 }), DEFLATING).compressed, true);
      assert.equal(readWhole(frame({ opcode, key: KEY }), DEFLATING).compressed, false);
    }
  });

  it('reads at the inbox’s position, does not move it, and looks at nothing behind the head', () => {
    const bytes = frame({ opcode: TEXT, payload: 'x'.repeat(126), key: KEY });
    const inbox = new Inbox();
    inbox.push(sourceOf(Buffer.concat([Buffer.from('??'), bytes])), 2, 2 + 8);
    const head = emptyHead();
    assert.equal(readHead(inbox, head, SERVER), true);
    assert.deepEqual([head.length, inbox.position, inbox.length], [126, 2, 8]);
  });

  for (const [title, hex, rules = SERVER] of FAULTS) {
    it(`${title}: 1002 with the byte that shows it, not before`, () => {
      const bytes = Buffer.from(hex, 'hex');
      assert.equal(verdict(bytes.subarray(0, -1), rules), 'waits');
      assert.equal(verdict(bytes, rules), 1002);
    });

    it(`${title}: 1002 also when more has come`, () => {
      for (const filling of [0x00, 0xff]) {
        assert.equal(
          verdict(Buffer.concat([Buffer.from(hex, 'hex'), Buffer.alloc(20, filling)]), rules),
          1002,
        );
      }
    });
  }

  it('§5.2 does not take a begun length for wrong while it may become right', () => {
    for (const hex of ['82ff', '82ff7f', '82ff0000000000', '82ff000000000001', '82fe', '82fe00']) {
      assert.equal(verdict(Buffer.from(hex, 'hex'), SERVER), 'waits', hex);
    }
  });
});

/** Reads the head with every beginning of it first, which must not be enough. */
function readWhole(bytes: Buffer, rules: HeadRules): FrameHead {
  for (let length = 0; length < bytes.length; length++) {
    assert.equal(verdict(bytes.subarray(0, length), rules), 'waits', `${length} of ${bytes.length} bytes`);
  }
  const head = emptyHead();
  assert.equal(readHead(holding(bytes), head, rules), true);
  assert.equal(head.size, bytes.length);
  return head;
}

function verdict(bytes: Buffer, rules: HeadRules): 'waits' | 'whole' | number {
  try {
    return readHead(holding(bytes), emptyHead(), rules) ? 'whole' : 'waits';
  } catch (error) {
    return codeOf(error);
  }
}

function holding(bytes: Buffer): Inbox {
  const inbox = new Inbox();
  inbox.push(sourceOf(bytes), 0, bytes.length);
  return inbox;
}
