/** What a frame of the bus is. */
export const Kind = {
  message: 0,
  question: 1,
  answer: 2,
  /** Whoever was asked has thrown. */
  failed: 3,
} as const;

/** Kind (1), port (1), number (4; 0 in messages). */
export const HEAD = 6;

export function framed(kind: number, port: number, payload: Buffer, number: number = 0): Buffer {
  const frame = Buffer.allocUnsafe(HEAD + payload.length);
  frame[0] = kind;
  frame[1] = port;
  frame.writeUInt32BE(number, 2);
  payload.copy(frame, HEAD);
  return frame;
}
