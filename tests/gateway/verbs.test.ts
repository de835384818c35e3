import { describe } from 'node:test';
import { Nodes } from './nodes.ts';
import { examineVerbs } from './verbs-suite.ts';

describe('every method, on one machine', () => examineVerbs(() => new Nodes()));
