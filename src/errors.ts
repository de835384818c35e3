/**
 * Three families, by who is at fault: *you* (usage), *they* (the peer), *the machine* (the system).
 * Every error has a stable `code`; its message is one line: what happened, where, what to do.
 */
export abstract class UstaError extends Error {
  abstract readonly code: string;

  override get name(): string {
    return this.constructor.name;
  }
}

/** You: an option, an address or a file cannot be used as it was given. */
export class UsageError extends UstaError {
  readonly code: string;

  /** @param code stable, `E_…`. */
  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** They: the peer broke a rule of its protocol. Concerns that one connection. */
export abstract class PeerError extends UstaError {}

/**
 * The peer broke the WebSocket protocol, or sent more than we accept.
 *
 * @see RFC 6455 §7.1.7 — Fail the WebSocket Connection
 */
export class WebSocketProtocolError extends PeerError {
  override readonly code = 'E_WEBSOCKET_PROTOCOL';
  /** Status for our close frame (RFC 6455 §7.4.1). */
  readonly closeCode: number;

  constructor(closeCode: number, message: string, options?: ErrorOptions) {
    super(message, options);
    this.closeCode = closeCode;
  }
}

/** The peer sent a request that cannot be read or is too large. The connection cannot be used further. */
export class HttpProtocolError extends PeerError {
  override readonly code = 'E_HTTP_PROTOCOL';
  /** Status of the answer (RFC 9110 §15). */
  readonly status: number;

  constructor(status: number, message: string, options?: ErrorOptions) {
    super(message, options);
    this.status = status;
  }
}

/** The peer left before the body of its request had come whole. */
export class RequestAbortedError extends PeerError {
  override readonly code = 'E_HTTP_ABORTED';
}

/** The peer broke a protocol that is nothing but packages: `text`, `frame`, or one of yours, which may throw it. */
export class ProtocolError extends PeerError {
  override readonly code: string = 'E_PROTOCOL';
}

/** A package is longer than `maxPackageSize`: told when its length is known, or when so much of it has come. */
export class PackageTooLongError extends ProtocolError {
  override readonly code = 'E_PACKAGE_TOO_LONG';

  /** @param size of the package; `undefined` when it is not known. @param most both in bytes. */
  constructor(size: number | undefined, most: number) {
    super(
      size === undefined
        ? `a package does not end within ${most} bytes`
        : `a package of ${size} bytes; ${most} are allowed`,
    );
  }
}

/** A proxy's PROXY header is broken, missing, or comes from a peer that may not send one. */
export class ProxyHeaderError extends PeerError {
  override readonly code = 'E_PROXY_HEADER';
}

/** The machine: port taken, descriptors gone, address not local. */
export class SystemError extends UstaError {
  /** Node's code of the cause (`EADDRINUSE`, …) or one of ours. */
  readonly code: string;

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
