import { isUtf8 } from 'node:buffer';
import type { ByteWriter } from '../../bytes/byte-writer.ts';
import { Inbox } from '../../bytes/inbox.ts';
import { isAsciiSum, mask, sumOf, turnKey } from '../../bytes/mask.ts';
import type { Source } from '../../bytes/source.ts';
import { WebSocketProtocolError } from '../../errors.ts';
import type { Codec, CodecEvent } from '../codec.ts';
import { CloseCode, isSendable } from './close-code.ts';
import { emptyHead, type HeadRules, readHead } from './frame-head.ts';
import { FrameWriter, type MaskingKey } from './frame-writer.ts';
import { randomMaskingKey } from './masking-key.ts';
import { MessageAssembly, notUtf8 } from './message-assembly.ts';
import { COMPRESSED, FINAL, Opcode } from './opcode.ts';
import { type DeflateOptions, deflate, maxDeflated } from './permessage-deflate.ts';

/** Text arrives as a string, binary as a Buffer, and leaves likewise. */
export type WebSocketMessage = string | Buffer;

export interface WebSocketCodecOptions {
  readonly role: 'server' | 'client';
  /** Largest message in bytes, fragments added up and inflated; more fails with 1009 at the frame's head. */
  readonly maxMessage: number;
  /** `'text'` answers binary with 1003, `'binary'` text. */
  readonly accept?: 'text' | 'binary' | 'both';
  /** Given when permessage-deflate was negotiated. */
  readonly deflate?: DeflateOptions;
  /** Inflated size to compressed size beyond which a message is refused with 1009; no limit if left out. */
  readonly maxInflateRatio?: number;
  /** A client's source of masking keys; unpredictable unless a test says otherwise. */
  readonly maskingKey?: MaskingKey;
}

/** What all connections of one listener share, made once instead of once per connection. */
interface Shape {
  readonly options: WebSocketCodecOptions;
  readonly rules: HeadRules;
  readonly writer: FrameWriter;
}

const head = emptyHead();

/** Prepares codecs that differ in nothing but their connection. */
export function webSocketCodecs(options: WebSocketCodecOptions): () => WebSocketCodec {
  const shape: Shape = {
    options,
    rules: { masked: options.role === 'server', deflate: options.deflate !== undefined },
    writer: new FrameWriter(options.role === 'client' ? (options.maskingKey ?? randomMaskingKey) : undefined),
  };
  return () => new WebSocketCodec(shape);
}

/**
 * One WebSocket conversation after its handshake.
 *
 * @see RFC 6455 §5 — Data Framing, §6 — Sending and Receiving Data, §7 — Closing the Connection
 */
export class WebSocketCodec implements Codec<WebSocketMessage, string | Uint8Array> {
  readonly #shape: Shape;
  readonly #inbox = new Inbox();
  /** The message under way: fragments, or a frame of which only a part has come. */
  #assembly: MessageAssembly | undefined;
  /** Payload of the current frame still to come, in bytes, and how to read it. */
  #remaining = 0;
  #key = 0;
  #final = true;
  #ended = false;

  constructor(shape: Shape) {
    this.#shape = shape;
  }

  push(source: Source, start: number, end: number): void {
    if (!this.#ended) this.#inbox.push(source, start, end);
  }

  retain(): void {
    this.#inbox.retain();
  }

  rest(): Buffer {
    return this.#inbox.take();
  }

  /** A server's frames carry no key, so those of one listener are alike. */
  get dialect(): object | undefined {
    return this.#shape.rules.masked ? this.#shape : undefined;
  }

  get heldBytes(): number {
    return this.#inbox.held + (this.#assembly === undefined ? 0 : this.#assembly.held);
  }

  get midMessage(): boolean {
    return this.#assembly !== undefined || this.#inbox.length > 0;
  }

  /** @throws {WebSocketProtocolError} with the code of the close frame to send. */
  pull(): CodecEvent<WebSocketMessage> | undefined {
    try {
      return this.#pull();
    } catch (error) {
      this.abandon();
      throw error;
    }
  }

  #pull(): CodecEvent<WebSocketMessage> | undefined {
    const inbox = this.#inbox;
    while (!this.#ended) {
      if (this.#remaining > 0 && !this.#takePayload()) return undefined;
      if (this.#assembly !== undefined && this.#final) return this.#finish(this.#assembly);

      if (!readHead(inbox, head, this.#shape.rules)) {
        if (inbox.length > 0) this.#checkOpcode();
        return undefined;
      }
      if (head.opcode >= Opcode.close) {
        if (inbox.length < head.size + head.length) return undefined;
        return this.#control();
      }
      this.#checkOpcode();
      this.#checkLength();
      if (
        head.final &&
        this.#assembly === undefined &&
        !head.compressed &&
        inbox.length >= head.size + head.length
      ) {
        return this.#wholeMessage();
      }
      this.#beginPayload();
    }
    return undefined;
  }

  /** The common case: a message in one frame, read where it lies. */
  #wholeMessage(): CodecEvent<WebSocketMessage> {
    const inbox = this.#inbox;
    const { length, opcode } = head;
    const start = inbox.position + head.size;
    inbox.position = start + length;
    const sum = this.#unmask(start, length, head.key);
    if (opcode === Opcode.binary) {
      return { type: 'message', message: Buffer.from(inbox.bytes.subarray(start, start + length)) };
    }
    if (isAsciiSum(sum))
      return { type: 'message', message: inbox.bytes.toString('latin1', start, start + length) };
    if (!isUtf8(inbox.bytes.subarray(start, start + length))) throw notUtf8();
    return { type: 'message', message: inbox.bytes.toString('utf8', start, start + length) };
  }

  /** A head's first byte is enough for this. */
  #checkOpcode(): void {
    const { opcode } = head;
    const { accept } = this.#shape.options;
    if (opcode >= Opcode.close) return;
    if ((opcode === Opcode.continuation) === (this.#assembly === undefined)) {
      throw new WebSocketProtocolError(
        CloseCode.protocolError,
        `${opcode === Opcode.continuation ? 'nothing to continue' : 'a message is not finished'} (RFC 6455 §5.4)`,
      );
    }
    if (accept === 'text' ? opcode === Opcode.binary : accept === 'binary' && opcode === Opcode.text) {
      throw new WebSocketProtocolError(CloseCode.unsupportedData, `only ${accept} is accepted here`);
    }
  }

  #checkLength(): void {
    const { maxMessage } = this.#shape.options;
    const begun = this.#assembly;
    const compressed = begun === undefined ? head.compressed : begun.compressed;
    const limit = compressed ? maxDeflated(maxMessage) : maxMessage;
    if (head.length + (begun === undefined ? 0 : begun.length) > limit) {
      throw new WebSocketProtocolError(CloseCode.messageTooBig, `message is larger than ${maxMessage} bytes`);
    }
  }

  #beginPayload(): void {
    this.#inbox.position += head.size;
    this.#remaining = head.length;
    this.#key = head.key;
    this.#final = head.final;
    this.#assembly ??= this.#newAssembly();
    this.#assembly.expect(head.length);
  }

  #newAssembly(): MessageAssembly {
    const { maxMessage, maxInflateRatio } = this.#shape.options;
    return new MessageAssembly({
      text: head.opcode === Opcode.text,
      compressed: head.compressed,
      maxMessage,
      ...(maxInflateRatio === undefined ? {} : { maxInflateRatio }),
    });
  }

  /** @returns false when the frame's payload has not come whole. */
  #takePayload(): boolean {
    const inbox = this.#inbox;
    const size = Math.min(this.#remaining, inbox.length);
    if (size === 0) return false;
    const start = inbox.position;
    const sum = this.#unmask(start, size, this.#key);
    inbox.position += size;
    this.#remaining -= size;
    this.#key = turnKey(this.#key, size);
    this.#assembly?.append(inbox.bytes, start, start + size, sum);
    return this.#remaining === 0;
  }

  #unmask(start: number, length: number, key: number): number {
    const { view } = this.#inbox;
    return this.#shape.rules.masked ? mask(view, start, length, key) : sumOf(view, start, length);
  }

  #finish(assembly: MessageAssembly): CodecEvent<WebSocketMessage> {
    this.#assembly = undefined;
    return { type: 'message', message: assembly.finish() };
  }

  #control(): CodecEvent<WebSocketMessage> {
    const inbox = this.#inbox;
    const start = inbox.position + head.size;
    this.#unmask(start, head.length, head.key);
    const payload = Buffer.from(inbox.bytes.subarray(start, start + head.length));
    inbox.position = start + head.length;
    if (head.opcode !== Opcode.close) return { type: head.opcode === Opcode.ping ? 'ping' : 'pong', payload };
    this.abandon();
    return readClose(payload);
  }

  /** Nothing is read after a close frame or a broken rule (RFC 6455 §5.5.1, §7.1.7). */
  abandon(): void {
    this.#ended = true;
    this.#assembly?.drop();
    this.#assembly = undefined;
    this.#inbox.take();
  }

  encode(message: string | Uint8Array, out: ByteWriter): void {
    const { options, writer } = this.#shape;
    const compressed = options.deflate === undefined ? undefined : deflated(message, options.deflate);
    if (compressed !== undefined) writer.bytes(opcodeOf(message), compressed, out, FINAL | COMPRESSED);
    else if (typeof message === 'string') writer.text(message, out);
    else writer.bytes(Opcode.binary, message, out);
  }

  /** @throws {UsageError} more than 125 bytes. */
  encodePing(payload: Uint8Array, out: ByteWriter): void {
    this.#shape.writer.control(Opcode.ping, payload, out);
  }

  /** @throws {UsageError} more than 125 bytes. */
  encodePong(payload: Uint8Array, out: ByteWriter): void {
    this.#shape.writer.control(Opcode.pong, payload, out);
  }

  /** @param code undefined sends an empty close frame. */
  encodeClose(code: number | undefined, reason: string, out: ByteWriter): void {
    this.#shape.writer.close(code, reason, out);
  }
}

function opcodeOf(message: string | Uint8Array): number {
  return typeof message === 'string' ? Opcode.text : Opcode.binary;
}

/** @returns undefined when the message is short, or takes fewer bytes as it is. */
function deflated(message: string | Uint8Array, options: DeflateOptions): Buffer | undefined {
  const size = typeof message === 'string' ? Buffer.byteLength(message) : message.length;
  if (size < options.threshold) return undefined;
  const compressed = deflate(typeof message === 'string' ? Buffer.from(message) : message, options);
  return compressed.length < size ? compressed : undefined;
}

/** @see RFC 6455 §5.5.1 — Close, §7.4 — Status Codes */
function readClose(payload: Buffer): CodecEvent<never> {
  if (payload.length === 0) return { type: 'end' };
  if (payload.length === 1) {
    throw new WebSocketProtocolError(CloseCode.protocolError, 'half a close code (RFC 6455 §5.5.1)');
  }
  const code = payload.readUInt16BE();
  if (!isSendable(code)) {
    throw new WebSocketProtocolError(
      CloseCode.protocolError,
      `close code ${code} is not allowed (RFC 6455 §7.4)`,
    );
  }
  const reason = payload.subarray(2);
  if (!isUtf8(reason)) throw notUtf8();
  return { type: 'end', code, reason: reason.toString() };
}
