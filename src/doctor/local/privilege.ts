import process from 'node:process';
import type { Finding } from '../finding.ts';
import { readStart } from './bounded-file.ts';
import type { Census } from './census.ts';
import type { Step } from './step.ts';

const CAP_NET_BIND_SERVICE = 10n;

export interface Rights {
  /** The first port that everybody may listen on. */
  readonly firstFree: number;
  /** This process may listen on any. */
  readonly privileged: boolean;
}

/** May this user listen on the port? Who listens already has the right. */
export function privilegeStep(census: Census, port: number): Step {
  return {
    name: { en: 'right to listen', tr: 'dinleme hakkı' },
    async examine() {
      if (census.on(port).length > 0) return { findings: [] };
      return { findings: judgeRights(port, ownRights()) };
    },
  };
}

export function judgeRights(port: number, { firstFree, privileged }: Rights): Finding[] {
  if (port >= firstFree || privileged) return [];
  return [
    {
      code: 'port-privileged',
      severity: 'fault',
      cause: {
        en: `ports below ${firstFree} are for root, and this user has no CAP_NET_BIND_SERVICE: listening on ${port} fails with EACCES`,
        tr: `${firstFree} altındaki portlar root içindir, bu kullanıcının CAP_NET_BIND_SERVICE yetkisi yok: ${port} portunu dinlemek EACCES ile başarısız olur`,
      },
      remedy: {
        en: `best: a proxy on ${port} and the server on 127.0.0.1:8282; else AmbientCapabilities=CAP_NET_BIND_SERVICE in its systemd unit, sudo setcap cap_net_bind_service=+ep "$(readlink -f "$(which node)")" (every script of that node gets it), or start as root with a user to change to`,
        tr: `en iyisi: ${port} portunda bir vekil, sunucu 127.0.0.1:8282'de; değilse systemd biriminde AmbientCapabilities=CAP_NET_BIND_SERVICE, sudo setcap cap_net_bind_service=+ep "$(readlink -f "$(which node)")" (o node'un her betiği bu yetkiyi alır), ya da root olarak başlatıp sonra kullanıcı değiştirmek`,
      },
    },
  ];
}

/** @param status the text of /proc/self/status. */
export function mayBind(status: string): boolean {
  const mask = /^CapEff:\s*([0-9a-f]+)$/m.exec(status)?.[1];
  return mask !== undefined && ((BigInt(`0x${mask}`) >> CAP_NET_BIND_SERVICE) & 1n) === 1n;
}

function ownRights(): Rights {
  const root = process.getuid?.() === 0;
  const status = readStart('/proc/self/status');
  const first = readStart('/proc/sys/net/ipv4/ip_unprivileged_port_start', 16);
  // macOS lets everybody listen on every port when it is for all addresses (since 10.14).
  const usual = process.platform === 'linux' ? 1024 : 0;
  return {
    firstFree: first === undefined ? usual : Number(first.trim()),
    privileged: status === undefined ? root : mayBind(status),
  };
}
