import { UsageError, WebSocketProtocolError } from '../../errors.ts';
import { endOfToken, isBlank } from '../http/grammar.ts';

/** Characters of all Sec-WebSocket-Extensions lines together; browsers send about fifty. */
const MAX_LENGTH = 16 * 1024;
const COMMA = 0x2c;
const SEMICOLON = 0x3b;
const EQUALS = 0x3d;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;

const DEFLATE = 'permessage-deflate';
const NO_TAKEOVER = 'server_no_context_takeover; client_no_context_takeover';
const MAX_BITS = 15;

/** One element of Sec-WebSocket-Extensions: offered by a client, or agreed to by a server. */
export interface Extension {
  readonly name: string;
  readonly parameters: readonly ExtensionParameter[];
}

export interface ExtensionParameter {
  readonly name: string;
  /** Unquoted; `undefined` for a name alone. */
  readonly value: string | undefined;
}

/** What both sides will do. Neither side keeps its window between messages. */
export interface DeflateAgreement {
  /** The element for our Sec-WebSocket-Extensions, or the one that the server sent. */
  readonly response: string;
  /** Base-2 logarithm of the window that the server compresses with. */
  readonly serverMaxWindowBits: number;
  /** Base-2 logarithm of the window that the client compresses with. */
  readonly clientMaxWindowBits: number;
}

export interface WindowLimits {
  /** Largest window to compress with, 9 to 15 bits. zlib cannot make a raw stream of 8. */
  readonly serverMaxWindowBits?: number;
  /** Largest window to ask of clients that let us ask, 8 to 15 bits. */
  readonly clientMaxWindowBits?: number;
}

/**
 * Reads the value of Sec-WebSocket-Extensions, lines joined by commas, in one pass.
 *
 * Empty list elements are passed over, as RFC 9110 §5.6.1.2 asks, but one extension there must be.
 *
 * @returns `undefined` when the value is malformed.
 * @see RFC 6455 §9.1 — Negotiating Extensions
 */
export function parseExtensions(value: string): Extension[] | undefined {
  if (value.length > MAX_LENGTH) return undefined;
  const reader = new ExtensionReader(value);
  const extensions: Extension[] = [];
  do {
    if (reader.atEndOfElement()) continue;
    const extension = reader.extension();
    if (!extension) return undefined;
    extensions.push(extension);
  } while (reader.take(COMMA));
  return reader.finished && extensions.length > 0 ? extensions : undefined;
}

/**
 * Chooses the first offer of permessage-deflate that can be kept; one that cannot is passed over.
 *
 * @returns the agreement, or `undefined` to go on without compression.
 * @throws {UsageError} an option is out of its range.
 * @see RFC 7692 §5.1, §7.1 — permessage-deflate
 */
export function negotiateDeflate(
  offers: readonly Extension[],
  options: WindowLimits = {},
): DeflateAgreement | undefined {
  const serverLimit = checkBits('serverMaxWindowBits', options.serverMaxWindowBits, 9);
  const clientLimit = checkBits('clientMaxWindowBits', options.clientMaxWindowBits, 8);
  for (const offer of offers) {
    const terms = offer.name === DEFLATE ? readTerms(offer.parameters, true) : undefined;
    const agreement = terms && agree(terms, serverLimit, clientLimit);
    if (agreement) return agreement;
  }
  return undefined;
}

/** The client's offer: no window is kept between messages, in either direction. */
export function offerDeflate(): string {
  return `${DEFLATE}; ${NO_TAKEOVER}`;
}

/**
 * Reads the server's answer to `offerDeflate()`.
 *
 * @param response value of Sec-WebSocket-Extensions; `undefined` when the server sent none.
 * @returns the agreement, or `undefined` when the server declined.
 * @throws {WebSocketProtocolError} 1010, the answer is malformed or is not an answer to our offer.
 * @see RFC 7692 §5.1, §7.1
 */
export function acceptDeflate(response: string | undefined): DeflateAgreement | undefined {
  if (response === undefined) return undefined;
  const extensions = parseExtensions(response);
  if (!extensions) throw badAnswer('is malformed (RFC 6455 §9.1)');

  const [extension, second] = extensions;
  if (extension?.name !== DEFLATE || second) throw badAnswer('names an extension that was not offered');
  const terms = readTerms(extension.parameters, false);
  if (!terms) throw badAnswer('holds a parameter that is invalid (RFC 7692 §7.1)');
  if (!terms.serverNoTakeover) throw badAnswer('lacks server_no_context_takeover (RFC 7692 §7.1.1.1)');
  if (terms.clientBits !== undefined) {
    throw badAnswer('sets client_max_window_bits, which was not offered (RFC 7692 §7.1.2.2)');
  }
  return { response, serverMaxWindowBits: terms.serverBits ?? MAX_BITS, clientMaxWindowBits: MAX_BITS };
}

/** The parameters of one permessage-deflate element. */
interface Terms {
  serverNoTakeover?: true;
  clientNoTakeover?: true;
  serverBits?: number;
  /** `null` when named without a value. */
  clientBits?: number | null;
}

/** @returns `undefined` for an unknown, repeated or invalid parameter. */
function readTerms(parameters: readonly ExtensionParameter[], isOffer: boolean): Terms | undefined {
  const terms: Terms = {};
  for (const parameter of parameters) {
    if (!readTerm(terms, parameter, isOffer)) return undefined;
  }
  return terms;
}

function readTerm(terms: Terms, { name, value }: ExtensionParameter, isOffer: boolean): boolean {
  const bits = windowBits(value);
  switch (name) {
    case 'server_no_context_takeover':
      if (value !== undefined || terms.serverNoTakeover) return false;
      terms.serverNoTakeover = true;
      return true;
    case 'client_no_context_takeover':
      if (value !== undefined || terms.clientNoTakeover) return false;
      terms.clientNoTakeover = true;
      return true;
    case 'server_max_window_bits':
      if (bits === undefined || terms.serverBits !== undefined) return false;
      terms.serverBits = bits;
      return true;
    case 'client_max_window_bits':
      if (terms.clientBits !== undefined || (bits === undefined && !(isOffer && value === undefined)))
        return false;
      terms.clientBits = bits ?? null;
      return true;
    default:
      return false;
  }
}

function agree(terms: Terms, serverLimit: number, clientLimit: number): DeflateAgreement | undefined {
  const serverMaxWindowBits = Math.min(terms.serverBits ?? MAX_BITS, serverLimit);
  if (serverMaxWindowBits < 9) return undefined;

  const mayAsk = terms.clientBits !== undefined;
  const clientMaxWindowBits = mayAsk ? Math.min(terms.clientBits ?? MAX_BITS, clientLimit) : MAX_BITS;
  let response = `${DEFLATE}; ${NO_TAKEOVER}`;
  if (terms.serverBits !== undefined || serverMaxWindowBits < MAX_BITS) {
    response += `; server_max_window_bits=${serverMaxWindowBits}`;
  }
  if (clientMaxWindowBits < MAX_BITS) response += `; client_max_window_bits=${clientMaxWindowBits}`;
  return { response, serverMaxWindowBits, clientMaxWindowBits };
}

/** 8 to 15 without leading zeros (RFC 7692 §7.1.2.1). */
function windowBits(value: string | undefined): number | undefined {
  const bits = Number(value);
  return bits >= 8 && bits <= MAX_BITS && value === String(bits) ? bits : undefined;
}

function checkBits(option: string, value: number | undefined, least: number): number {
  if (value === undefined) return MAX_BITS;
  if (Number.isInteger(value) && value >= least && value <= MAX_BITS) return value;
  throw new UsageError('E_WEBSOCKET_DEFLATE', `${option} is ${value}; it must be ${least} to ${MAX_BITS}`);
}

function badAnswer(what: string): WebSocketProtocolError {
  return new WebSocketProtocolError(1010, `the server's Sec-WebSocket-Extensions ${what}`);
}

/** Reads `token *( ";" token [ "=" ( token / quoted-string ) ] )`, looking at each character once. */
class ExtensionReader {
  readonly #text: string;
  #position = 0;

  constructor(text: string) {
    this.#text = text;
  }

  get finished(): boolean {
    return this.#position === this.#text.length;
  }

  /** True at a comma or at the end, whitespace passed over. */
  atEndOfElement(): boolean {
    this.#skipBlanks();
    return this.finished || this.#next() === COMMA;
  }

  extension(): Extension | undefined {
    const name = this.#token();
    if (name === undefined) return undefined;
    const parameters: ExtensionParameter[] = [];
    while (this.take(SEMICOLON)) {
      const parameter = this.#parameter();
      if (!parameter) return undefined;
      parameters.push(parameter);
    }
    return { name, parameters };
  }

  /** Passes over whitespace and one `character`, if that is what follows. */
  take(character: number): boolean {
    this.#skipBlanks();
    if (this.#next() !== character) return false;
    this.#position++;
    return true;
  }

  #parameter(): ExtensionParameter | undefined {
    const name = this.#token();
    if (name === undefined) return undefined;
    if (!this.take(EQUALS)) return { name, value: undefined };
    const value = this.take(QUOTE) ? this.#quoted() : this.#token();
    return value === undefined ? undefined : { name, value };
  }

  #token(): string | undefined {
    this.#skipBlanks();
    const start = this.#position;
    this.#position = endOfToken(this.#text, start);
    return this.#position > start ? this.#text.slice(start, this.#position) : undefined;
  }

  /** What was quoted must be a token once it is unquoted (RFC 6455 §9.1). */
  #quoted(): string | undefined {
    let value = '';
    while (this.#next() !== QUOTE) {
      if (this.#next() === BACKSLASH) this.#position++;
      const end = endOfToken(this.#text, this.#position);
      if (end === this.#position) return undefined;
      value += this.#text.slice(this.#position, end);
      this.#position = end;
    }
    this.#position++;
    return value === '' ? undefined : value;
  }

  #skipBlanks(): void {
    while (isBlank(this.#next())) this.#position++;
  }

  /** NaN at the end. */
  #next(): number {
    return this.#text.charCodeAt(this.#position);
  }
}
