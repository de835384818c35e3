/** All cases; those of 9.7, 9.8 and of sections 12 and 13 with few messages. `tests/slow/` has the suite's number. */
import { describe } from 'node:test';
import { runCases } from './run-cases.ts';

describe('Autobahn', () => runCases({ messages: 5, timeout: 60_000 }));
