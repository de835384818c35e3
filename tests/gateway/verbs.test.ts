import { Nodes } from './nodes.ts';
import { examineVerbs } from './verbs-suite.ts';

examineVerbs(() => new Nodes());
