import { createHash, timingSafeEqual } from 'node:crypto';
import type { Request } from '../../protocol/http/request.ts';
import { Refusal } from './refusal.ts';

/** Knows who may come in. Pages may not, whatever they know. */
export class Guard {
  readonly #hashes: readonly Buffer[];

  constructor(tokens: readonly string[]) {
    this.#hashes = tokens.map(hashOf);
  }

  /** @throws {Refusal} this one may not. */
  prove(request: Request): void {
    if (request.header('origin') !== undefined || request.header('sec-fetch-site') !== undefined)
      throw new Refusal(403, 'a browser has no business here: this door is for programs that keep a token');
    const [, token] = /^bearer +(\S+)$/i.exec(request.header('authorization') ?? '') ?? [];
    if (token === undefined || !this.#knows(token))
      throw new Refusal(401, 'Authorization: Bearer TOKEN is missing or wrong', {
        'WWW-Authenticate': 'Bearer',
      });
  }

  /** Takes as long for a token that is nearly right as for any other. */
  #knows(token: string): boolean {
    const hash = hashOf(token);
    return this.#hashes.filter((known) => timingSafeEqual(known, hash)).length > 0;
  }
}

function hashOf(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
