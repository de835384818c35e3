import { examineAnswers } from './model-suite.ts';
import { Nodes } from './nodes.ts';

examineAnswers(() => new Nodes(), 25);
