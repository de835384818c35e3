import { totalmem } from 'node:os';
import { posix } from 'node:path';
import process from 'node:process';
import { defaultBudget } from '../../connection/budget.ts';
import type { Finding } from '../finding.ts';
import { readStart } from './bounded-file.ts';
import type { Step } from './step.ts';

const MIB = 1_048_576;

/** Node itself takes about half of this before the first client comes. */
const LEAST = 128 * MIB;

export interface Memory {
  /** The tightest limit of the cgroups that this process is in, in bytes; the machine's memory when there is none. */
  readonly limit: number;
  /** `maxBuffered` as one process takes it when it is not told, in bytes. */
  readonly budget: number;
  /** Processes of this cgroup that the kernel has killed for memory. */
  readonly killed: number;
}

type Read = (path: string) => string | undefined;

/** How much memory is there, against what a worker holds for its peers by default? */
export function memoryStep(): Step {
  return {
    name: { en: 'memory', tr: 'bellek' },
    async examine() {
      const memory = ownMemory();
      const [limit, budget] = [mib(memory.limit), mib(memory.budget)];
      return {
        findings: judgeMemory(memory),
        note: {
          en: `${limit} for this process, maxBuffered ${budget} by default`,
          tr: `bu süreç için ${limit}, varsayılan maxBuffered ${budget}`,
        },
      };
    },
  };
}

export function judgeMemory({ limit, budget, killed }: Memory): Finding[] {
  const findings: Finding[] = [];
  if (killed > 0) findings.push(outOfMemory(killed));
  if (limit < LEAST) findings.push(small(limit));
  if (budget > limit / 2) findings.push(limitUnseen(limit, budget));
  return findings;
}

/**
 * The tightest limit on the way from a process's cgroup to the root, in both of cgroup's versions.
 *
 * @param cgroup the text of /proc/self/cgroup.
 * @returns bytes; `Infinity` when nothing limits.
 */
export function cgroupLimit(cgroup: string, read: Read): number {
  const unified = /^0::(\/.*)$/m.exec(cgroup)?.[1];
  const memory = /^\d+:(?:[\w=]+,)*memory(?:,[\w=]+)*:(\/.*)$/m.exec(cgroup)?.[1];
  const files = [
    ...upwards(unified).map((folder) => `/sys/fs/cgroup${folder}/memory.max`),
    ...upwards(memory).map((folder) => `/sys/fs/cgroup/memory${folder}/memory.limit_in_bytes`),
  ];
  const limits = files.map((file) => Number(read(file)?.trim() || Number.NaN));
  return Math.min(...limits.filter((limit) => !Number.isNaN(limit)));
}

/** @param events the text of memory.events, or of version 1's memory.oom_control. */
export function oomKills(events: string): number {
  return Number(/^oom_kill (\d+)$/m.exec(events)?.[1] ?? 0);
}

/** `/a/b` → `/a/b`, `/a`, and the root, which is empty. */
function upwards(folder: string | undefined): string[] {
  if (folder === undefined) return [];
  const folders: string[] = [];
  for (let one = posix.normalize(folder); one !== '/' && folders.length < 32; one = posix.dirname(one))
    folders.push(one);
  return [...folders, ''];
}

function ownMemory(): Memory {
  const cgroup = readStart('/proc/self/cgroup', 8192) ?? '';
  const read: Read = (path) => readStart(path, 4096);
  const unified = /^0::(\/.*)$/m.exec(cgroup)?.[1] ?? '/';
  return {
    limit: Math.min(
      totalmem(),
      cgroupLimit(cgroup, read),
      process.constrainedMemory?.() || Number.POSITIVE_INFINITY,
    ),
    budget: defaultBudget(1),
    killed: oomKills(read(posix.join('/sys/fs/cgroup', unified, 'memory.events')) ?? ''),
  };
}

function outOfMemory(killed: number): Finding {
  return {
    code: 'memory-killed',
    severity: 'warning',
    cause: {
      en: `the kernel has killed ${killed} process${killed === 1 ? '' : 'es'} of this container or service for memory: all its clients saw 1006`,
      tr: `çekirdek bellek yüzünden bu konteyner ya da servisin ${killed} sürecini öldürmüş: bütün istemcileri 1006 gördü`,
    },
    remedy: {
      en: 'give it more memory, or lower maxBuffered and count',
      tr: 'daha çok bellek verin, ya da maxBuffered ve count değerlerini düşürün',
    },
  };
}

function small(limit: number): Finding {
  return {
    code: 'memory-small',
    severity: 'warning',
    cause: {
      en: `the memory limit here is ${mib(limit)}, of which Node alone takes about 60 MiB for each process`,
      tr: `buradaki bellek sınırı ${mib(limit)}; bunun yaklaşık 60 MiB kadarını her süreçte Node alır`,
    },
    remedy: {
      en: 'raise the limit to 256 MiB or more (docker run -m, MemoryMax=, resources.limits.memory), and keep count at 1',
      tr: 'sınırı en az 256 MiB yapın (docker run -m, MemoryMax=, resources.limits.memory), count değerini 1 tutun',
    },
  };
}

function limitUnseen(limit: number, budget: number): Finding {
  return {
    code: 'memory-limit-unseen',
    severity: 'warning',
    cause: {
      en: `the memory limit here is ${mib(limit)}, but Node does not see it: a worker may hold ${mib(budget)} for its clients and be killed before it refuses any`,
      tr: `buradaki bellek sınırı ${mib(limit)}, ama Node bunu görmüyor: worker istemcileri için ${mib(budget)} tutabilir ve hiçbirini reddetmeden öldürülür`,
    },
    remedy: {
      en: `set maxBuffered to ${Math.floor(limit / 4)} (a quarter of the limit), divided by count`,
      tr: `maxBuffered değerini ${Math.floor(limit / 4)} yapın (sınırın dörtte biri), count değerine bölerek`,
    },
  };
}

function mib(bytes: number): string {
  return `${Math.round(bytes / MIB)} MiB`;
}
