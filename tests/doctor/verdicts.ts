import type { Fixture } from './fixture.ts';
import { ADDRESSES } from './verdicts/addresses.ts';
import { ANSWERS } from './verdicts/answers.ts';
import { CERTIFICATES } from './verdicts/certificates.ts';
import { COMMONEST } from './verdicts/commonest.ts';
import { HANDSHAKES } from './verdicts/handshakes.ts';
import { REFUSALS } from './verdicts/refusals.ts';
import { SOCKETS } from './verdicts/sockets.ts';

/** Every verdict with the set-ups that must get it. */
export const FIXTURES: readonly Fixture[] = [
  ...COMMONEST,
  ...ADDRESSES,
  ...HANDSHAKES,
  ...CERTIFICATES,
  ...ANSWERS,
  ...REFUSALS,
  ...SOCKETS,
];
