/** Autobahn 13: permessage-deflate with different offers. */
import type { Offer } from '../deflation.ts';
import type { AutobahnCase } from '../exchange.ts';
import { compressionCases } from './compression.ts';
import { JSON_DATA } from './payloads.ts';

const NO_TAKEOVER = { serverNoContextTakeover: true } as const;

/** In the order of the groups 13.1 to 13.7. */
const OFFERS: readonly { offers: readonly Offer[]; offered: string }[] = [
  { offers: [{}], offered: 'default offer' },
  { offers: [NO_TAKEOVER], offered: 'no context takeover' },
  { offers: [{ serverMaxWindowBits: 9 }], offered: 'window of 9 bits' },
  { offers: [{ serverMaxWindowBits: 15 }], offered: 'window of 15 bits' },
  { offers: [{ ...NO_TAKEOVER, serverMaxWindowBits: 9 }], offered: 'no context takeover, window of 9 bits' },
  {
    offers: [{ ...NO_TAKEOVER, serverMaxWindowBits: 15 }],
    offered: 'no context takeover, window of 15 bits',
  },
  { offers: [{ ...NO_TAKEOVER, serverMaxWindowBits: 9 }, NO_TAKEOVER, {}], offered: 'three offers' },
];

/** @param messages how many each case sends; the suite: 1000. */
export function section13(messages: number): readonly AutobahnCase[] {
  return OFFERS.flatMap(({ offers, offered }, index) =>
    compressionCases(
      { group: `13.${index + 1}`, content: JSON_DATA, offers, offered: `; ${offered}` },
      messages,
    ),
  );
}
