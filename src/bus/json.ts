/** What processes tell each other beside the frames of the bus. */
export function jsonOf(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value));
}

/** @returns undefined for what is no JSON: the other side may be of another version. */
export function readJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString());
  } catch {
    return undefined;
  }
}
