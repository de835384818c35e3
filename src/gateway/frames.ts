/** What a message is for its receiver: text or bytes. */
export type Message = string | Uint8Array;

/** A header, as JSON, and bytes behind it. */
export interface Frame<Header> {
  readonly header: Header;
  readonly body: Buffer;
}

const EMPTY = Buffer.alloc(0);

export function writeFrame(header: object, body: Message = EMPTY): Buffer {
  const head = JSON.stringify(header);
  const headSize = Buffer.byteLength(head);
  const bodySize = typeof body === 'string' ? Buffer.byteLength(body) : body.length;
  const frame = Buffer.allocUnsafe(4 + headSize + bodySize);
  frame.writeUInt32BE(headSize);
  frame.write(head, 4);
  if (typeof body === 'string') frame.write(body, 4 + headSize);
  else frame.set(body, 4 + headSize);
  return frame;
}

/** @returns a body that shares memory with the frame. @throws {SyntaxError} it is none of ours. */
export function readFrame<Header>(frame: Buffer): Frame<Header> {
  const headSize = frame.readUInt32BE();
  return {
    header: JSON.parse(frame.toString('utf8', 4, 4 + headSize)) as Header,
    body: frame.subarray(4 + headSize),
  };
}

/** How a message travels: a header says whether it is bytes. */
export function kindOf(message: Message): { readonly bytes?: true } {
  return typeof message === 'string' ? {} : { bytes: true };
}

/** A message of its own memory. */
export function messageOf(body: Buffer, { bytes }: { readonly bytes?: true }): string | Buffer {
  return bytes ? Buffer.from(body) : body.toString();
}
