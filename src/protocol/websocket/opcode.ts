/** @see RFC 6455 §5.2 — Base Framing Protocol */
export const Opcode = {
  continuation: 0x0,
  text: 0x1,
  binary: 0x2,
  close: 0x8,
  ping: 0x9,
  pong: 0xa,
} as const;

export const FINAL = 0x80;
/** RSV1: the message is compressed (RFC 7692 §6). */
export const COMPRESSED = 0x40;
export const MASKED = 0x80;

/** Largest payload of a control frame, in bytes (RFC 6455 §5.5). */
export const MAX_CONTROL = 125;
