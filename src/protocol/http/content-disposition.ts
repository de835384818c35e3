/** `attachment`, with the name under which a browser is to save it. @see RFC 6266 §4 */
export function attachment(name: string): string {
  const plain = name.replace(/[^\x20-\x7e]/g, '_').replace(/["\\]/g, '\\$&');
  const isPlain = plain === name;
  return `attachment; filename="${plain}"${isPlain ? '' : `; filename*=UTF-8''${encoded(name)}`}`;
}

/** @see RFC 8187 §3.2.1 — attr-char */
function encoded(name: string): string {
  // By way of bytes, which a surrogate alone does not survive.
  return encodeURIComponent(Buffer.from(name).toString()).replace(
    /['()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
