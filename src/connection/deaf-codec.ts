import type { Codec } from '../protocol/codec.ts';

const NOTHING = Buffer.alloc(0);

/** Hears nothing and keeps nothing: the last codec of a connection that waits for its peer to leave. */
export const deafCodec: Codec<unknown, unknown> = {
  push() {},
  pull: () => undefined,
  retain() {},
  encode() {},
  rest: () => NOTHING,
  heldBytes: 0,
  midMessage: false,
};
