/** Ten reloads of business processes under load, and with handlers that answer at once, too. */
import { describe } from 'node:test';
import { itReloadsUnnoticed } from '../gateway/reload-suite.ts';

describe('reloads of business processes', () => itReloadsUnnoticed(10, ['slow', 'echo']));
