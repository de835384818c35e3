import { section1 } from './cases/section-1.ts';
import { section2 } from './cases/section-2.ts';
import { section3 } from './cases/section-3.ts';
import { section4 } from './cases/section-4.ts';
import { section5 } from './cases/section-5.ts';
import { section6 } from './cases/section-6.ts';
import { section7 } from './cases/section-7.ts';
import { section9 } from './cases/section-9.ts';
import { section10 } from './cases/section-10.ts';
import { section12 } from './cases/section-12.ts';
import { section13 } from './cases/section-13.ts';
import type { AutobahnCase } from './exchange.ts';

/**
 * All cases of the Autobahn testsuite against a server, in the order of their ids.
 *
 * @param messages how many each case of 9.7, 9.8 and of sections 12 and 13 sends; the suite: 1000.
 */
export function autobahnCases(messages: number): readonly AutobahnCase[] {
  const sections = [
    section1,
    section2,
    section3,
    section4,
    section5,
    section6,
    section7,
    section9(messages),
    section10,
  ];
  const cases = [...sections.flat(), ...section12(messages), ...section13(messages)];
  return cases.sort((left, right) => left.id.localeCompare(right.id, 'en', { numeric: true }));
}
