import { runProgram } from '../../programs.ts';
import type { Finding, Sentence } from '../finding.ts';
import { readStart } from './bounded-file.ts';
import type { Census } from './census.ts';
import type { Step } from './step.ts';

/** Below this a service of ordinary size is full. */
const ENOUGH = 4096;

export interface DescriptorLimit {
  readonly soft: number;
  readonly hard: number;
}

/** How the process came to run: who has set its limits. */
export type Keeper =
  | { readonly kind: 'systemd'; readonly unit: string }
  | { readonly kind: 'container' | 'shell' };

/** How many connections do the descriptors allow: of the process that listens, else of this one. */
export function descriptorStep(census: Census, port: number): Step {
  return {
    name: { en: 'descriptors', tr: 'dosya tanıtıcıları' },
    async examine() {
      const pid = census.on(port).flatMap((socket) => census.ownersOf(socket))[0]?.pid ?? 'self';
      const limits = readStart(`/proc/${pid}/limits`, 8192) ?? readStart('/proc/self/limits', 8192);
      const limit = limits === undefined ? await askShell() : readLimits(limits);
      if (limit === undefined) return { findings: [] };
      const keeper = keeperOf(readStart(`/proc/${pid}/cgroup`, 8192) ?? '');
      return { findings: judgeDescriptors(limit, keeper), note: shownLimit(limit) };
    },
  };
}

export function judgeDescriptors(limit: DescriptorLimit, keeper: Keeper): Finding[] {
  if (limit.soft >= ENOUGH) return [];
  const room = connectionsOf(limit);
  return [
    {
      code: 'descriptors-few',
      severity: 'warning',
      cause: {
        en: `a process may open ${limit.soft} files here, which makes maxConnections ${room}: whoever comes after them waits`,
        tr: `burada bir süreç ${limit.soft} dosya açabilir, maxConnections bununla ${room} olur: sonra gelen bekler`,
      },
      remedy: remedyOf(keeper, limit),
    },
  ];
}

/** @param text of /proc/PID/limits. */
export function readLimits(text: string): DescriptorLimit | undefined {
  const [, soft, hard] = /^Max open files\s+(\S+)\s+(\S+)/m.exec(text) ?? [];
  if (soft === undefined || hard === undefined) return undefined;
  return { soft: count(soft), hard: count(hard) };
}

/** @param cgroup the text of /proc/PID/cgroup. */
export function keeperOf(cgroup: string): Keeper {
  const unit = /\/([\w@.:\\-]+\.service)$/m.exec(cgroup)?.[1];
  if (unit !== undefined && !/^user@/.test(unit)) return { kind: 'systemd', unit };
  return { kind: /docker|kubepods|containerd|libpod|lxc/.test(cgroup) ? 'container' : 'shell' };
}

/** What the worker takes as `maxConnections` when it is not told: the limit less a tenth. */
export function connectionsOf({ soft }: DescriptorLimit): number {
  return soft - Math.ceil(soft / 10);
}

function remedyOf(keeper: Keeper, { soft, hard }: DescriptorLimit): Sentence {
  if (keeper.kind === 'systemd') {
    return {
      en: `LimitNOFILE=65536 under [Service]: systemctl edit ${keeper.unit}, then systemctl restart ${keeper.unit}`,
      tr: `[Service] altına LimitNOFILE=65536: systemctl edit ${keeper.unit}, sonra systemctl restart ${keeper.unit}`,
    };
  }
  if (keeper.kind === 'container') {
    return {
      en: 'start the container with --ulimit nofile=65536:65536',
      tr: 'konteyneri --ulimit nofile=65536:65536 ile başlatın',
    };
  }
  const first = hard > soft ? 'ulimit -n 65536' : 'sudo prlimit --nofile=65536:65536 --pid $$';
  return {
    en: `${first} before the start; for good: LimitNOFILE=65536 in the systemd unit, or nofile in /etc/security/limits.conf`,
    tr: `başlatmadan önce ${first}; kalıcı olarak: systemd biriminde LimitNOFILE=65536, ya da /etc/security/limits.conf içinde nofile`,
  };
}

function shownLimit(limit: DescriptorLimit): Sentence {
  const [soft, hard] = [limit.soft, limit.hard].map((one) =>
    one === Number.POSITIVE_INFINITY ? '∞' : `${one}`,
  );
  return {
    en: `soft ${soft}, hard ${hard}: maxConnections ${connectionsOf(limit)}`,
    tr: `yumuşak ${soft}, sert ${hard}: maxConnections ${connectionsOf(limit)}`,
  };
}

async function askShell(): Promise<DescriptorLimit | undefined> {
  try {
    const { output } = await runProgram('sh', ['-c', 'ulimit -Sn; ulimit -Hn'], { timeout: 1 });
    const [soft = '', hard = soft] = output.trim().split('\n');
    return soft === '' ? undefined : { soft: count(soft), hard: count(hard) };
  } catch {
    return undefined;
  }
}

function count(word: string): number {
  return word === 'unlimited' ? Number.POSITIVE_INFINITY : Number(word);
}
