import { connect } from 'node:net';
import { networkInterfaces } from 'node:os';
import { after } from '../../timer.ts';
import type { Finding } from '../finding.ts';
import type { Census } from './census.ts';
import { isEverywhere, isLoopback, type ListeningSocket, shownPlace } from './listeners.ts';
import type { Step } from './step.ts';

export interface Reach {
  /** A proxy listens on a public address of this machine. */
  readonly behindProxy: boolean;
  /** What listens on the IPv6 wildcard takes IPv4 too. */
  readonly dualStack: boolean;
  /** Addresses of this machine that others can reach over IPv6. */
  readonly ipv6: readonly string[];
}

/** From where can the port be reached, by the addresses that it is bound to? */
export function reachStep(census: Census, port: number, behindProxy: () => boolean): Step {
  return {
    name: { en: 'who can reach it', tr: 'kim ulaşabilir' },
    async examine() {
      const sockets = census.on(port);
      if (sockets.length === 0) return { findings: [] };
      const reach = { behindProxy: behindProxy(), dualStack: await answersIpv4(sockets), ipv6: globalIpv6() };
      const places = [...new Set(sockets.map(shownPlace))].join(', ');
      return { findings: judgeReach(sockets, reach), note: { en: places, tr: places } };
    },
  };
}

export function judgeReach(sockets: readonly ListeningSocket[], reach: Reach): Finding[] {
  const places = [...new Set(sockets.map(shownPlace))].join(', ');
  if (sockets.every(isLoopback)) return reach.behindProxy ? [] : [boundToLoopback(places)];
  const open = sockets.filter((socket) => !isLoopback(socket));
  if (open.every(({ family }) => family === 6) && !reach.dualStack) return [ipv6Only(places)];
  const [address] = reach.ipv6;
  if (open.every(({ family }) => family === 4) && address !== undefined) return [ipv4Only(places, address)];
  return [];
}

/** Addresses in 2000::/3, which are all that the world can reach. */
export function globalIpv6(interfaces: ReturnType<typeof networkInterfaces> = networkInterfaces()): string[] {
  const all = Object.values(interfaces).flatMap((list) => list ?? []);
  return all.map(({ address }) => address).filter((address) => /^[23][0-9a-f]{3}:/i.test(address));
}

function boundToLoopback(places: string): Finding {
  return {
    code: 'bound-to-loopback',
    severity: 'fault',
    cause: {
      en: `the server is bound to ${places}: only programs on this machine reach it, and no proxy was seen that would pass clients on`,
      tr: `sunucu ${places} adresine bağlı: ona yalnız bu makinedeki programlar ulaşır, istemcileri aktaracak bir vekil de görülmedi`,
    },
    remedy: {
      en: 'without a proxy, listen on all addresses (websocket://0.0.0.0:PORT or wss://0.0.0.0:PORT); behind one it is right: start the proxy',
      tr: 'vekil yoksa bütün adresleri dinleyin (websocket://0.0.0.0:PORT ya da wss://0.0.0.0:PORT); vekil arkasında doğrusu budur: vekili başlatın',
    },
  };
}

function ipv6Only(places: string): Finding {
  return {
    code: 'bound-to-ipv6',
    severity: 'warning',
    cause: {
      en: `the server is bound to ${places} and takes no IPv4: clients without IPv6 are refused`,
      tr: `sunucu ${places} adresine bağlı ve IPv4 almıyor: IPv6'sı olmayan istemciler reddedilir`,
    },
    remedy: {
      en: 'listen on 0.0.0.0 too, or set net.ipv6.bindv6only to 0 and do not ask for ipv6Only',
      tr: "0.0.0.0'ı da dinleyin, ya da net.ipv6.bindv6only değerini 0 yapın ve ipv6Only istemeyin",
    },
  };
}

function ipv4Only(places: string, address: string): Finding {
  return {
    code: 'bound-to-ipv4',
    severity: 'warning',
    cause: {
      en: `the server is bound to ${places} only, and this machine has the IPv6 address ${address}: clients that the name sends there are refused`,
      tr: `sunucu yalnız ${places} adresine bağlı, oysa bu makinenin ${address} IPv6 adresi var: adın oraya gönderdiği istemciler reddedilir`,
    },
    remedy: {
      en: 'listen on [::] (it takes IPv4 too), or let the name have no AAAA record',
      tr: '[::] adresini dinleyin (IPv4 de alır), ya da ada AAAA kaydı vermeyin',
    },
  };
}

/** Whether what listens on `::` also takes IPv4, which the kernel's table does not tell: one connection, closed at once. */
function answersIpv4(sockets: readonly ListeningSocket[]): Promise<boolean> {
  const wildcard = sockets.find((socket) => socket.family === 6 && isEverywhere(socket));
  if (wildcard === undefined) return Promise.resolve(false);
  const socket = connect({ host: '127.0.0.1', port: wildcard.port });
  return new Promise<boolean>((resolve) => {
    after(500, () => resolve(true));
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
  }).finally(() => socket.destroy());
}
