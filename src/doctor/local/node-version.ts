import process from 'node:process';
import type { Finding } from '../finding.ts';
import type { Step } from './step.ts';

const OLDEST = 20;

/** Is this Node one that runs the server? */
export function nodeStep(version: string = process.versions.node): Step {
  return {
    name: { en: 'Node', tr: 'Node' },
    async examine() {
      return { findings: judgeNode(version), note: { en: version, tr: version } };
    },
  };
}

export function judgeNode(version: string): Finding[] {
  const major = Number.parseInt(version, 10);
  if (major >= OLDEST && major % 2 === 0) return [];
  const tooOld = major < OLDEST;
  return [
    {
      code: tooOld ? 'node-too-old' : 'node-without-support',
      severity: tooOld ? 'fault' : 'warning',
      cause: tooOld
        ? {
            en: `this is Node ${version}; usta needs ${OLDEST} or newer`,
            tr: `bu Node ${version}; usta en az ${OLDEST} ister`,
          }
        : {
            en: `this is Node ${version}; odd versions get fixes for half a year only, and usta is not tested with them`,
            tr: `bu Node ${version}; tek sayılı sürümler yalnız yarım yıl düzeltme alır, usta da onlarla sınanmaz`,
          },
      remedy: {
        en: 'install an even version that is still kept: see https://nodejs.org/en/about/previous-releases',
        tr: 'hâlâ bakımı yapılan çift sayılı bir sürüm kurun: https://nodejs.org/en/about/previous-releases',
      },
    },
  ];
}
