import type { Finding, Sentence } from '../finding.ts';
import type { Census } from './census.ts';
import { isEverywhere, type ListeningSocket, type Owner, shownPlace } from './listeners.ts';
import { userOf } from './owners.ts';
import { isProxy } from './proxies.ts';
import type { Step } from './step.ts';

/** Programs whose listening is what somebody who runs this service wants. */
const OURS = /^(node|nodejs|usta|bun|deno|docker-proxy|rootlesskit)$/;

/** Is the port free, or by whom is it taken? */
export function portStep(census: Census, { port, host }: { port: number; host?: string | undefined }): Step {
  return {
    name: { en: `port ${port}`, tr: `port ${port}` },
    async examine() {
      const sockets = census.on(port).filter((socket) => conflicts(socket, host));
      const [first] = sockets;
      if (first === undefined) return { findings: [nothingListens(port)], note: FREE };
      const owners = sockets.flatMap((socket) => census.ownersOf(socket));
      return { findings: judge(first, owners), note: shownOwners(first, owners) };
    },
  };
}

const FREE: Sentence = { en: 'free: nothing listens on it', tr: 'boş: dinleyen yok' };

/** @param owners of the socket, as far as they were seen. */
export function judge(socket: ListeningSocket, owners: readonly Owner[]): Finding[] {
  const [owner] = owners;
  if (owner === undefined || OURS.test(owner.program) || isProxy(owner.program)) return [];
  const [place, who] = [shownPlace(socket), shownOwner(owner)];
  return [
    {
      code: 'port-taken',
      severity: 'fault',
      cause: {
        en: `${place} is taken by ${who}: a server started now fails with EADDRINUSE, and clients reach that program instead`,
        tr: `${place} şu programda: ${who}; şimdi başlatılan sunucu EADDRINUSE ile durur, istemciler de o programa ulaşır`,
      },
      remedy: {
        en: `stop that program (kill ${owner.pid}, or its service), or give the server another port`,
        tr: `o programı durdurun (kill ${owner.pid} ya da servisi), veya sunucuya başka bir port verin`,
      },
    },
  ];
}

/** A socket on one address stands in the way of another on the same one, and of one on all of them. */
function conflicts(socket: ListeningSocket, host: string | undefined): boolean {
  return host === undefined || isEverywhere(socket) || isEverywhere({ host }) || socket.host === host;
}

function nothingListens(port: number): Finding {
  return {
    code: 'nothing-listens',
    severity: 'fault',
    cause: {
      en: `nothing listens on port ${port}: a client that comes now is refused`,
      tr: `${port} portunu dinleyen yok: şimdi gelen istemci reddedilir`,
    },
    remedy: {
      en: 'start the server; if it is started, look at the port in its address and at its log',
      tr: 'sunucuyu başlatın; başlatıldıysa adresindeki porta ve günlüğüne bakın',
    },
  };
}

function shownOwners(socket: ListeningSocket, owners: readonly Owner[]): Sentence {
  const place = shownPlace(socket);
  const [owner] = owners;
  if (owner === undefined) return unseen(place, socket.uid);
  const others = new Set(owners.map(({ pid }) => pid)).size - 1;
  return {
    en: `${shownOwner(owner)} listens on ${place}${others > 0 ? `, with ${others} more` : ''}`,
    tr: `${place} adresini dinleyen: ${shownOwner(owner)}${others > 0 ? ` ve ${others} süreç daha` : ''}`,
  };
}

function unseen(place: string, uid: number | undefined): Sentence {
  const user = uid === undefined ? '' : userOf(uid);
  return {
    en: `a program${user && ` of user ${user}`} listens on ${place}; which one, only that user or root may see (sudo)`,
    tr: `${place} adresini${user && ` ${user} kullanıcısının`} bir programı dinliyor; hangisi olduğunu o kullanıcı ya da root görebilir (sudo)`,
  };
}

function shownOwner({ pid, program, user }: Owner): string {
  return `${program || '?'} (pid ${pid}${user === undefined ? '' : `, ${user}`})`;
}
