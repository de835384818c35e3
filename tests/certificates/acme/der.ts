/** One value of the DER encoding (X.690 §8): a reader of our own, so that what is written is not judged by its writer. */
export interface Value {
  readonly tag: number;
  readonly content: Buffer;
  /** With tag and length. */
  readonly whole: Buffer;
}

/** @returns the values that stand one after the other in `bytes`. */
export function valuesIn(bytes: Buffer): Value[] {
  const values: Value[] = [];
  for (let at = 0; at < bytes.length; ) {
    const value = valueAt(bytes.subarray(at));
    values.push(value);
    at += value.whole.length;
  }
  return values;
}

/** @param path index on each level. */
export function valueIn(bytes: Buffer, ...path: readonly number[]): Value {
  const [first = 0, ...rest] = path;
  const value = valuesIn(bytes)[first];
  if (!value) throw new Error(`nothing at ${first}`);
  return rest.length === 0 ? value : valueIn(value.content, ...rest);
}

function valueAt(bytes: Buffer): Value {
  const tag = bytes.readUInt8(0);
  const short = bytes.readUInt8(1);
  const more = short < 0x80 ? 0 : short & 0x7f;
  const length = more === 0 ? short : bytes.readUIntBE(2, more);
  const end = 2 + more + length;
  if (end > bytes.length) throw new Error('cut off');
  return { tag, content: bytes.subarray(2 + more, end), whole: bytes.subarray(0, end) };
}
