import type { Inbox } from '../../bytes/inbox.ts';
import { WebSocketProtocolError } from '../../errors.ts';
import { CloseCode } from './close-code.ts';
import { COMPRESSED, FINAL, MASKED, MAX_CONTROL, Opcode } from './opcode.ts';

/** What the head of a frame says, in one reused place: a head is read and used up at once. */
export interface FrameHead {
  final: boolean;
  compressed: boolean;
  opcode: number;
  masked: boolean;
  /** As `mask()` wants it; 0 when the frame is not masked. */
  key: number;
  /** Payload, in bytes. */
  length: number;
  /** Bytes of the head itself. */
  size: number;
}

export interface HeadRules {
  /** Frames of the peer must be masked (we are the server) or must not be (we are the client). */
  readonly masked: boolean;
  /** permessage-deflate was negotiated, so RSV1 has a meaning. */
  readonly deflate: boolean;
}

export function emptyHead(): FrameHead {
  return { final: true, compressed: false, opcode: 0, masked: false, key: 0, length: 0, size: 0 };
}

/**
 * Reads a head that lies at the inbox's position, without moving it.
 *
 * @returns false when the head is not complete yet.
 * @throws {WebSocketProtocolError} 1002 as soon as the bytes that show it have come.
 * @see RFC 6455 §5.2 — Base Framing Protocol
 */
export function readHead(inbox: Inbox, head: FrameHead, rules: HeadRules): boolean {
  const { bytes, position } = inbox;
  const available = inbox.end - position;
  if (available === 0) return false;
  readFirst(bytes[position] ?? 0, head, rules);
  if (available < 2) return false;

  const second = bytes[position + 1] ?? 0;
  head.masked = (second & MASKED) !== 0;
  if (head.masked !== rules.masked)
    throw fault(rules.masked ? 'frame is not masked' : 'frame is masked', '5.1');
  const short = second & 0x7f;
  if (head.opcode >= Opcode.close && short > MAX_CONTROL) throw fault('control frame is too long', '5.5');

  const extended = short < 126 ? 0 : short === 126 ? 2 : 8;
  head.size = 2 + extended + (head.masked ? 4 : 0);
  if (available < 2 + extended) return checkBegunLength(inbox, extended);
  head.length = extended === 0 ? short : readLength(inbox, extended);
  if (available < head.size) return false;
  head.key = head.masked ? inbox.view.getInt32(position + head.size - 4, true) : 0;
  return true;
}

function readFirst(first: number, head: FrameHead, rules: HeadRules): void {
  head.final = (first & FINAL) !== 0;
  head.compressed = (first & COMPRESSED) !== 0;
  head.opcode = first & 0x0f;
  const { opcode } = head;
  if (opcode > Opcode.pong || (opcode > Opcode.binary && opcode < Opcode.close)) {
    throw fault(`opcode ${opcode} is reserved`, '5.2');
  }
  if ((first & 0x30) !== 0 || (head.compressed && !mayBeCompressed(opcode, rules))) {
    throw fault('a reserved bit is set', '5.2');
  }
  if (opcode >= Opcode.close && !head.final) throw fault('control frame is fragmented', '5.5');
}

function mayBeCompressed(opcode: number, rules: HeadRules): boolean {
  return rules.deflate && (opcode === Opcode.text || opcode === Opcode.binary);
}

function readLength(inbox: Inbox, extended: number): number {
  const at = inbox.position + 2;
  if (extended === 2) {
    const length = inbox.view.getUint16(at);
    if (length < 126) throw notMinimal();
    return length;
  }
  const high = inbox.view.getUint32(at);
  if (high > 0x7fffffff) throw topBit();
  const length = high * 2 ** 32 + inbox.view.getUint32(at + 4);
  if (length < 65_536) throw notMinimal();
  return length;
}

/** A length of which only a part has come may be wrong already. @returns false, to wait for the rest of it. */
function checkBegunLength({ bytes, position, end }: Inbox, extended: number): false {
  if (extended < 8) return false;
  const begun = bytes.subarray(position + 2, end);
  if ((begun[0] ?? 0) > 0x7f) throw topBit();
  if (begun.length >= 6 && begun.subarray(0, 6).every((byte) => byte === 0)) throw notMinimal();
  return false;
}

function topBit(): WebSocketProtocolError {
  return fault('length has its highest bit set', '5.2');
}

function notMinimal(): WebSocketProtocolError {
  return fault('length is not minimal', '5.2');
}

function fault(what: string, section: string): WebSocketProtocolError {
  return new WebSocketProtocolError(CloseCode.protocolError, `${what} (RFC 6455 §${section})`);
}
