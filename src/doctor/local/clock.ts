import { runProgram } from '../../programs.ts';
import type { Finding, Sentence } from '../finding.ts';
import type { Step } from './step.ts';

export interface ClockState {
  readonly synchronized: boolean;
  /** A service is on that would set it. */
  readonly service: boolean;
}

/** Is the clock kept right by others? Certificates are valid by the clock. */
export function clockStep(): Step {
  return {
    name: { en: 'clock', tr: 'saat' },
    async examine() {
      const state = await ask();
      if (state === undefined) return { findings: [], note: UNKNOWN };
      const [finding] = judgeClock(state);
      return finding ? { findings: [finding] } : { findings: [], note: SYNCHRONIZED };
    },
  };
}

const UNKNOWN: Sentence = {
  en: 'no program here tells whether it is synchronized',
  tr: 'eşitlenip eşitlenmediğini söyleyen bir program yok',
};
const SYNCHRONIZED: Sentence = { en: 'synchronized', tr: 'eşitlenmiş' };

export function judgeClock({ synchronized, service }: ClockState): Finding[] {
  if (synchronized) return [];
  return [
    {
      code: 'clock-not-synchronized',
      severity: 'warning',
      cause: {
        en: `the system says that its clock is not synchronized${service ? ' yet, though a service for it is on' : ', and no service for it is on'}: a clock that is wrong makes valid certificates look expired or not yet valid`,
        tr: `sistem, saatinin eşitlenmediğini söylüyor${service ? '; bunun için bir servis açık olsa da' : '; bunun için açık bir servis de yok'}: yanlış saat, geçerli sertifikaları süresi dolmuş ya da henüz başlamamış gösterir`,
      },
      remedy: {
        en: service
          ? 'timedatectl timesync-status tells which server is asked; UDP port 123 must be let out'
          : 'sudo timedatectl set-ntp true, or install chrony; on a virtual machine its host may keep the clock instead',
        tr: service
          ? 'timedatectl timesync-status hangi sunucuya sorulduğunu söyler; dışarıya UDP 123 açık olmalı'
          : 'sudo timedatectl set-ntp true, ya da chrony kurun; sanal makinede saati ana makine de tutuyor olabilir',
      },
    },
  ];
}

/** @param output of `timedatectl show`. @returns `undefined` when it does not tell. */
export function readClock(output: string): ClockState | undefined {
  const said = (name: string): string | undefined => new RegExp(`^${name}=(yes|no)$`, 'm').exec(output)?.[1];
  const synchronized = said('NTPSynchronized');
  return synchronized === undefined
    ? undefined
    : { synchronized: synchronized === 'yes', service: said('NTP') === 'yes' };
}

async function ask(): Promise<ClockState | undefined> {
  try {
    const { output, exitCode } = await runProgram('timedatectl', ['show'], { timeout: 1.5 });
    return exitCode === 0 ? readClock(output) : undefined;
  } catch {
    return undefined;
  }
}
