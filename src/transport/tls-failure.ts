import type { TlsFailure } from '../telemetry.ts';

/** Patterns of Node's codes for OpenSSL's reasons, in the order in which they are tried. */
const PATTERNS: readonly (readonly [pattern: RegExp, cause: TlsFailure])[] = [
  [
    /ALERT_(UNKNOWN_CA|BAD_CERTIFICATE|CERTIFICATE_|UNSUPPORTED_CERTIFICATE|ACCESS_DENIED|DECRYPT_ERROR)/,
    'untrusted',
  ],
  [/PEER_DID_NOT_RETURN|CERT|SIGNATURE|ISSUER|CRL/, 'client-certificate'],
  [/PROTOCOL_VERSION|UNSUPPORTED_PROTOCOL|WRONG_SSL_VERSION|VERSION_TOO/, 'version'],
  [/APPLICATION_PROTOCOL/, 'protocol'],
  [/NO_SHARED|NO_SUITABLE|HANDSHAKE_FAILURE|INSUFFICIENT_SECURITY/, 'suite'],
  [/ECONNRESET|EPIPE|ECONNABORTED|ETIMEDOUT|USER_CANCEL/, 'hung-up'],
];

/** @param error as a wire tells it that has failed to open; none means that the peer has left. */
export function tlsFailureOf(error: Error | undefined): TlsFailure {
  if (error === undefined) return 'hung-up';
  if (error instanceof HandshakeError) return error.cause;
  const { code = '' } = error as NodeJS.ErrnoException;
  return PATTERNS.find(([pattern]) => pattern.test(code))?.[1] ?? 'garbage';
}

/** A handshake that we gave up ourselves. */
export class HandshakeError extends Error {
  override readonly cause: TlsFailure;

  constructor(cause: TlsFailure, message: string) {
    super(message);
    this.cause = cause;
  }
}
