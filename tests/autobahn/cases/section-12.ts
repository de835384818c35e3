/** Autobahn 12: permessage-deflate as offered by default, different contents. */
import type { AutobahnCase } from '../exchange.ts';
import { compressionCases } from './compression.ts';
import { CONTENTS } from './payloads.ts';

/** @param messages how many each case sends; the suite: 1000. */
export function section12(messages: number): readonly AutobahnCase[] {
  return CONTENTS.flatMap((content, index) =>
    compressionCases({ group: `12.${index + 1}`, content, offers: [{}], offered: '' }, messages),
  );
}
