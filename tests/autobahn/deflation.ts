import assert from 'node:assert/strict';
import { constants, deflateRawSync, inflateRawSync } from 'node:zlib';

/** What ends every flushed block, and is left out on the wire. @see RFC 7692 §7.2.1 */
const TAIL = Buffer.of(0x00, 0x00, 0xff, 0xff);

/** One offer of permessage-deflate. @see RFC 7692 §7.1 */
export interface Offer {
  readonly serverNoContextTakeover?: true;
  readonly serverMaxWindowBits?: number;
}

/**
 * An agreement on permessage-deflate, from the client's side. Both sides forget between messages, as
 * our server always answers.
 */
export class Deflation {
  readonly #clientBits: number;
  readonly #serverBits: number;

  constructor(agreed: ReadonlyMap<string, string>) {
    this.#clientBits = Number(agreed.get('client_max_window_bits') ?? 15);
    this.#serverBits = Number(agreed.get('server_max_window_bits') ?? 15);
  }

  compress(message: Buffer): Buffer {
    const options = { windowBits: this.#clientBits, level: 1, finishFlush: constants.Z_SYNC_FLUSH };
    const octets = deflateRawSync(message, options);
    assert.deepEqual(octets.subarray(-4), TAIL);
    return octets.subarray(0, -4);
  }

  /** Inflates in steps of one window, so that zlib sees a distance that is larger than agreed. */
  inflate(octets: Buffer): Buffer {
    return inflateRawSync(Buffer.concat([octets, TAIL]), {
      windowBits: this.#serverBits,
      chunkSize: 1 << this.#serverBits,
      finishFlush: constants.Z_SYNC_FLUSH,
    });
  }
}

/**
 * The value of Sec-WebSocket-Extensions for some offers. Like the suite's client, each lets the server
 * choose the client's window and forgo its context.
 */
export function offerHeader(offers: readonly Offer[]): string {
  return offers.map(offerText).join(', ');
}

/**
 * Reads the server's answer and holds it against the offers.
 *
 * @returns `undefined` when the server has declined.
 * @throws {assert.AssertionError} when the answer is malformed, or meets none of the offers.
 * @see RFC 7692 §7.1
 */
export function agree(answer: string | undefined, offers: readonly Offer[]): Deflation | undefined {
  if (answer === undefined) return undefined;
  const parameters = parseAnswer(answer);
  assert.ok(parameters.has('server_no_context_takeover'), `the server keeps no context: ${answer}`);
  assert.ok(parameters.has('client_no_context_takeover'), `the server keeps no context: ${answer}`);
  const met = offers.some((offer) => isMet(offer, parameters));
  assert.ok(met, `"${answer}" answers none of: ${offerHeader(offers)}`);
  return new Deflation(parameters);
}

function offerText({ serverNoContextTakeover, serverMaxWindowBits }: Offer): string {
  return [
    'permessage-deflate; client_no_context_takeover; client_max_window_bits',
    ...(serverNoContextTakeover ? ['server_no_context_takeover'] : []),
    ...(serverMaxWindowBits ? [`server_max_window_bits=${serverMaxWindowBits}`] : []),
  ].join('; ');
}

function parseAnswer(answer: string): Map<string, string> {
  const [name, ...parameters] = answer.split(';').map((part) => part.trim());
  assert.equal(name, 'permessage-deflate');
  const parsed = new Map<string, string>();
  for (const parameter of parameters) {
    const valid =
      /^(?:(?:server|client)_no_context_takeover|(?:server|client)_max_window_bits=(?:[89]|1[0-5]))$/;
    assert.match(parameter, valid);
    const [key = '', value = ''] = parameter.split('=');
    assert.ok(!parsed.has(key), `${key} twice`);
    parsed.set(key, value);
  }
  return parsed;
}

function isMet(offer: Offer, answer: ReadonlyMap<string, string>): boolean {
  const { serverMaxWindowBits: most } = offer;
  return most === undefined || Number(answer.get('server_max_window_bits') ?? 16) <= most;
}
