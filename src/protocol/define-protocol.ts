import type { ByteWriter } from '../bytes/byte-writer.ts';
import { ProtocolError, UsageError } from '../errors.ts';
import { PackageCodec } from './package-codec.ts';
import type { PackageLimits, Protocol } from './protocol.ts';

/** A protocol in Workerman's three words. All three are plain functions: no state, no waiting. */
export interface ProtocolDefinition<In, Out> {
  /** How `status` and `connections` call it. Default: `own`. */
  readonly name?: string;
  /**
   * @param buffer what has come and was not read, on loan: not to be kept.
   * @returns the length of the first whole package in bytes, also when that is more than has come;
   *   0 to be asked again when more has come; a negative number for what is no package.
   */
  input(buffer: Buffer): number;
  /** @param bytes exactly one package, yours to keep. @returns what `onMessage` gets. */
  decode(bytes: Buffer): In;
  /** @param message what `send` was given. @returns one package; nothing is sent for an empty one. */
  encode(message: Out): string | Uint8Array;
}

/**
 * Makes a protocol of `input`, `decode` and `encode`; the types of `onMessage` and `send` come from
 * `decode` and `encode`.
 *
 * What `input` and `decode` throw ends that one connection. A `PeerError` (`throw new ProtocolError('…')`) says that
 * the peer is at fault, and so do the errors of `JSON.parse`, `decodeURIComponent` and a fatal `TextDecoder`; any
 * other error counts as a mistake in the protocol, and is told as that of a callback. What `encode` throws is thrown
 * by `send`.
 */
export function defineProtocol<In, Out>(definition: ProtocolDefinition<In, Out>): Protocol<In, Out> {
  const { name } = definition;
  return {
    ...(name === undefined ? {} : { name }),
    makeCodec: (limits) => new DefinedCodec(definition, limits),
  };
}

class DefinedCodec<In, Out> extends PackageCodec<In, Out> {
  readonly #definition: ProtocolDefinition<In, Out>;

  constructor(definition: ProtocolDefinition<In, Out>, limits: PackageLimits) {
    super(limits);
    this.#definition = definition;
  }

  get dialect(): object {
    return this.#definition;
  }

  encode(message: Out, out: ByteWriter): void {
    const encoded: unknown = this.#definition.encode(message);
    if (typeof encoded === 'string') out.writeUtf8(encoded);
    else if (encoded instanceof Uint8Array) out.writeBytes(encoded);
    else
      throw new UsageError(
        'E_ENCODE',
        `encode() of a protocol gives a string or bytes, not ${kindOf(encoded)}`,
      );
  }

  protected measure(bytes: Buffer, start: number, end: number): number {
    const length: unknown = blaming(() => this.#definition.input(bytes.subarray(start, end)));
    if (!Number.isInteger(length))
      throw new UsageError('E_INPUT', `input() of a protocol gives a whole number, not ${kindOf(length)}`);
    if ((length as number) < 0) throw new ProtocolError('what the peer sends is no package of the protocol');
    return length as number;
  }

  protected decode(bytes: Buffer, start: number, end: number): In {
    const own = Buffer.from(bytes.subarray(start, end));
    return blaming(() => this.#definition.decode(own));
  }
}

/** Errors of parsers are the peer's, who has sent what cannot be parsed. */
function blaming<Result>(act: () => Result): Result {
  try {
    return act();
  } catch (error) {
    if (!isParserError(error)) throw error;
    throw new ProtocolError(error.message, { cause: error });
  }
}

function isParserError(error: unknown): error is Error {
  if (error instanceof SyntaxError || error instanceof URIError) return true;
  return error instanceof TypeError && 'code' in error && error.code === 'ERR_ENCODING_INVALID_ENCODED_DATA';
}

function kindOf(value: unknown): string {
  return typeof value === 'number' ? String(value) : typeof value;
}
