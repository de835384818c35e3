import { describe } from 'node:test';
import { itReloadsUnnoticed } from './reload-suite.ts';

describe('a reload of business processes', () => itReloadsUnnoticed(2, ['slow']));
