/** All cases; those of sections 12 and 13 with few messages. `tests/slow/` has the suite's number. */
import { runCases } from './run-cases.ts';

runCases('Autobahn', { messages: 10, timeout: 60_000 });
