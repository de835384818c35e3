/** All cases with as many messages as the suite sends. */
import { runCases } from '../autobahn/run-cases.ts';

runCases('Autobahn, 1000 messages', { messages: 1000, timeout: 1_800_000 });
