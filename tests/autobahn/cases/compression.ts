/** What sections 12 and 13 have in common: messages compressed with permessage-deflate. */
import assert from 'node:assert/strict';
import type { Offer } from '../deflation.ts';
import { type AutobahnCase, CLEAN, expectAnswer, expectEnd } from '../exchange.ts';
import { fragments, OPCODE } from '../frames.ts';
import type { RawClient } from '../raw-client.ts';
import type { Content } from './payloads.ts';

/** RSV1, as `fragments` takes it. @see RFC 7692 §6 */
const COMPRESSED = { rsv: 4 };

/** From this size on a compressible message must come back compressed. */
const MUST_COMPRESS = 4_096;

/** Characters or octets of a message before compression, octets of its fragments after it. */
const FORMS: readonly { size: number; fragment: number }[] = [
  ...[16, 64, 256, 1024, 4096, 8192, 16_384, 32_768, 65_536, 131_072].map((size) => ({ size, fragment: 0 })),
  ...[8192, 16_384, 32_768, 65_536, 131_072].map((size) => ({ size, fragment: 256 })),
  ...[1024, 4096, 32_768].map((fragment) => ({ size: 131_072, fragment })),
];

export interface CompressionGroup {
  /** The first two parts of the ids. */
  readonly group: string;
  readonly content: Content;
  readonly offers: readonly Offer[];
  /** What the title says of the offers. */
  readonly offered: string;
}

/** @param messages how many each case sends. */
export function compressionCases(group: CompressionGroup, messages: number): AutobahnCase[] {
  return FORMS.map(({ size, fragment }, index) => ({
    id: `${group.group}.${index + 1}`,
    title: titleOf(group, size, fragment),
    rfc: 'RFC 7692 §7',
    offers: group.offers,
    run: (client) => echoCompressed(client, group.content, { size, fragment, messages }),
  }));
}

function titleOf({ content, offered }: CompressionGroup, size: number, fragment: number): string {
  const fragmented = fragment > 0 ? ` in fragments of ${fragment} octets` : '';
  return `${content.name}, messages of ${size}, compressed${fragmented}${offered}`;
}

async function echoCompressed(
  client: RawClient,
  content: Content,
  { size, fragment, messages }: { size: number; fragment: number; messages: number },
): Promise<void> {
  const { deflation } = client;
  assert.ok(deflation, 'the server accepts an offer of permessage-deflate');
  const opcode = content.isBinary ? OPCODE.binary : OPCODE.text;
  for (let count = 0; count < messages; count++) {
    const payload = content.slice(count * size, size);
    await client.send(fragments(opcode, deflation.compress(payload), fragment, COMPRESSED));
    const received = await client.next();
    expectAnswer(received, { opcode, payload });
    const mustCompress = content.isCompressible && size >= MUST_COMPRESS;
    assert.ok(received.compressed || !mustCompress, 'the answer is compressed, with RSV1');
  }
  await expectEnd(client, CLEAN);
}
