import { describe } from 'node:test';
import { examineAnswers } from './model-suite.ts';
import { Nodes } from './nodes.ts';

describe('answers, on one machine', () => examineAnswers(() => new Nodes(), 25));
