import type { Finding } from '../finding.ts';
import { readStart } from './bounded-file.ts';
import type { Step } from './step.ts';

/** What a worker asks for (`backlog`). */
const ASKED = 4096;

export interface QueueCaps {
  readonly somaxconn: number;
  readonly synBacklog: number;
  /** With SYN cookies a full SYN queue loses nobody. */
  readonly synCookies: boolean;
}

/** How many connections may wait to be accepted? */
export function backlogStep(): Step {
  return {
    name: { en: 'waiting connections', tr: 'bekleyen bağlantılar' },
    async examine() {
      const caps = readCaps();
      if (caps === undefined) return { findings: [] };
      const shown = `somaxconn ${caps.somaxconn}, tcp_max_syn_backlog ${caps.synBacklog}, tcp_syncookies ${Number(caps.synCookies)}`;
      return { findings: judgeQueues(caps), note: { en: shown, tr: shown } };
    },
  };
}

export function judgeQueues({ somaxconn, synBacklog, synCookies }: QueueCaps): Finding[] {
  const low: [name: string, value: number][] = [];
  if (somaxconn < ASKED) low.push(['net.core.somaxconn', somaxconn]);
  if (synBacklog < ASKED && !synCookies) low.push(['net.ipv4.tcp_max_syn_backlog', synBacklog]);
  if (low.length === 0) return [];
  const names = low.map(([name, value]) => `${name} = ${value}`).join(', ');
  return [
    {
      code: 'backlog-capped',
      severity: 'warning',
      cause: {
        en: `the kernel lets fewer connections wait than the ${ASKED} that a worker asks for (${names}): when many clients reconnect at once, some time out`,
        tr: `çekirdek, bir worker'ın istediği ${ASKED} yerine daha az bağlantıyı bekletiyor (${names}): çok istemci birden yeniden bağlanınca bir kısmı zaman aşımına uğrar`,
      },
      remedy: {
        en: `sudo sysctl -w ${low.map(([name]) => `${name}=${ASKED}`).join(' ')}, and the same lines in /etc/sysctl.d/ to keep it`,
        tr: `sudo sysctl -w ${low.map(([name]) => `${name}=${ASKED}`).join(' ')}; kalıcı olması için aynı satırlar /etc/sysctl.d/ içine`,
      },
    },
  ];
}

function readCaps(): QueueCaps | undefined {
  const [somaxconn, synBacklog, cookies] = [
    '/proc/sys/net/core/somaxconn',
    '/proc/sys/net/ipv4/tcp_max_syn_backlog',
    '/proc/sys/net/ipv4/tcp_syncookies',
  ].map((path) => readStart(path, 32)?.trim());
  if (somaxconn === undefined) return undefined;
  // A container may not show the last two; then nothing is said of them.
  return {
    somaxconn: Number(somaxconn),
    synBacklog: Number(synBacklog ?? ASKED),
    synCookies: Number(cookies ?? 1) > 0,
  };
}
