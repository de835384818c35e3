const HANDSHAKE = 22;
const CERTIFICATE = 11;
const CERTIFICATE_REQUEST = 13;

/**
 * The certificates of a TLS 1.2 handshake in the order in which the server sent them, read from the
 * bytes on the wire: a TLS library shows the path that it has built, which is not always what was sent.
 *
 * @param received from the server, from its first byte on; what follows the handshake does no harm.
 * @returns DER; empty when there is no Certificate message that can be read.
 * @see RFC 5246 §7.4.2 — Server Certificate, RFC 5246 §6.2.1 — Fragmentation
 */
export function sentChain(received: Buffer): Buffer[] {
  const body = bodyOf(CERTIFICATE, received);
  return body === undefined ? [] : listed(body);
}

/** Whether the server wanted a certificate of the client, in a TLS 1.2 handshake. @see RFC 5246 §7.4.4 */
export function asksForCertificate(received: Buffer): boolean {
  return bodyOf(CERTIFICATE_REQUEST, received) !== undefined;
}

/** The first message of this kind, when it has come whole. */
function bodyOf(kind: number, received: Buffer): Buffer | undefined {
  const handshake = handshakeBytes(received);
  for (let at = 0; at + 4 <= handshake.length; ) {
    const length = handshake.readUIntBE(at + 1, 3);
    const body = handshake.subarray(at + 4, at + 4 + length);
    if (body.length < length) return undefined;
    if (handshake[at] === kind) return body;
    at += 4 + length;
  }
  return undefined;
}

/** The contents of the records before the first of another kind: behind it, all is encrypted. */
function handshakeBytes(received: Buffer): Buffer {
  const parts: Buffer[] = [];
  for (let at = 0; at + 5 <= received.length && received[at] === HANDSHAKE; ) {
    const end = at + 5 + received.readUInt16BE(at + 3);
    parts.push(received.subarray(at + 5, end));
    at = end;
  }
  return Buffer.concat(parts);
}

function listed(body: Buffer): Buffer[] {
  const certificates: Buffer[] = [];
  for (let at = 3; at + 3 <= body.length; ) {
    const end = at + 3 + body.readUIntBE(at, 3);
    if (end > body.length) return [];
    certificates.push(body.subarray(at + 3, end));
    at = end;
  }
  return certificates;
}
