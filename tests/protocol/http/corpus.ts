/** Every request that must be refused, and what must not be; run by the codec's tests and by those over sockets. */
import { CHUNKED } from './corpus-chunked.ts';
import { FIELDS } from './corpus-fields.ts';
import { FRAMING } from './corpus-framing.ts';
import { REQUEST_LINES } from './corpus-request-line.ts';
import type { Refused } from './corpus-row.ts';

export { ODD } from './corpus-accepted.ts';
export { type Accepted, POISON, type Refused } from './corpus-row.ts';

export const HOSTILE: readonly Refused[] = [...REQUEST_LINES, ...FIELDS, ...FRAMING, ...CHUNKED];
