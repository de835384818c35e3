/** Bytes on loan: a chunk today, an engine's arena tomorrow. The same memory, seen two ways. */
export interface Source {
  readonly bytes: Buffer;
  readonly view: DataView;
}

/** A source over one buffer. */
export function sourceOf(bytes: Buffer): Source {
  return { bytes, view: new DataView(bytes.buffer, bytes.byteOffset, bytes.length) };
}
