import { createHmac, timingSafeEqual } from 'node:crypto';

/** What goes around a frame between machines. */
export interface Envelope {
  /** Member that sends. */
  readonly from: string;
  readonly number: Numbered;
  /** The same for all copies of one frame that goes to several subjects; 0 where there is only one. */
  readonly copyOf: number;
  readonly frame: Buffer;
}

/** The place of a frame among all that its sender sends on one subject. */
export interface Numbered {
  /** Told apart from earlier ones on the same subject by a greater number. */
  readonly series: number;
  /** How many it has sent in this series, this one included; 0: this is not counted. */
  readonly sequence: number;
}

const MAC = 16;
const ID = 16;
const HEAD = MAC + ID + 12;

/** Only who knows the secret can write one: the medium may be shared with others. */
export class Sealer {
  readonly #secret: Buffer;

  constructor(secret: Buffer) {
    this.#secret = secret;
  }

  /** Mac (16), sender (16), series (4), sequence (4), copy (4), frame. The subject is sealed too. */
  seal(subject: string, { from, number, copyOf, frame }: Envelope): Buffer {
    const bytes = Buffer.allocUnsafe(HEAD + frame.length);
    bytes.write(from, MAC, 'latin1');
    bytes.writeUInt32BE(number.series, MAC + ID);
    bytes.writeUInt32BE(number.sequence, MAC + ID + 4);
    bytes.writeUInt32BE(copyOf, MAC + ID + 8);
    frame.copy(bytes, HEAD);
    this.#mac(subject, bytes).copy(bytes);
    return bytes;
  }

  /** @returns undefined when it was not sealed with our secret, or for another subject. */
  open(subject: string, bytes: Buffer): Envelope | undefined {
    if (bytes.length < HEAD || !timingSafeEqual(this.#mac(subject, bytes), bytes.subarray(0, MAC)))
      return undefined;
    return {
      from: senderOf(bytes),
      number: { series: bytes.readUInt32BE(MAC + ID), sequence: bytes.readUInt32BE(MAC + ID + 4) },
      copyOf: bytes.readUInt32BE(MAC + ID + 8),
      frame: bytes.subarray(HEAD),
    };
  }

  #mac(subject: string, bytes: Buffer): Buffer {
    const mac = createHmac('sha256', this.#secret).update(subject).update(bytes.subarray(MAC));
    return mac.digest().subarray(0, MAC);
  }
}

/** Whom it says it is from, without proof. */
export function senderOf(bytes: Buffer): string {
  return bytes.toString('latin1', MAC, MAC + ID);
}
