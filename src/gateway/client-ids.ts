import { createHmac, timingSafeEqual } from 'node:crypto';

/** Where a client id leads to. */
export interface ClientPlace {
  /** Member that holds the client. */
  readonly node: string;
  /** Of the client, within that member. */
  readonly number: number;
}

/** The member (16 letters), the number (8), and what proves that we have made it (8). */
const SHAPE = /^([\w-]{16})([\w-]{8})([\w-]{8})$/;
/** So many ids are remembered as proved. */
const REMEMBERED = 10_000;

/**
 * Makes client ids and reads them. Members are named anew with every start and count their clients, so that
 * no id is ever given twice; what was not made here or by another member of the cluster leads nowhere.
 */
export class ClientIds {
  readonly #secret: Buffer;
  readonly #proved = new Map<string, ClientPlace>();

  constructor(secret: Buffer) {
    this.#secret = createHmac('sha256', secret).update('client ids').digest();
  }

  make({ node, number }: ClientPlace): string {
    const bytes = Buffer.allocUnsafe(6);
    bytes.writeUIntBE(number, 0, 6);
    const place = node + bytes.toString('base64url');
    return place + this.#proof(place).toString('base64url');
  }

  /** @returns undefined for what is no id of this cluster. */
  read(id: string): ClientPlace | undefined {
    const known = this.#proved.get(id);
    if (known) return known;
    const [, node = '', number = '', proof = ''] = SHAPE.exec(id) ?? [];
    if (proof === '') return undefined;
    if (!timingSafeEqual(this.#proof(node + number), Buffer.from(proof, 'base64url'))) return undefined;
    const place = { node, number: Buffer.from(number, 'base64url').readUIntBE(0, 6) };
    if (this.#proved.size >= REMEMBERED) this.#proved.clear();
    this.#proved.set(id, place);
    return place;
  }

  #proof(place: string): Buffer {
    return createHmac('sha256', this.#secret).update(place).digest().subarray(0, 6);
  }
}
