/** All cases with as many messages as the suite sends. */
import { describe } from 'node:test';
import { runCases } from '../autobahn/run-cases.ts';

describe('Autobahn, 1000 messages', () => runCases({ messages: 1000, timeout: 1_800_000 }));
