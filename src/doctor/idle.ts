import { now } from '../timer.ts';
import type { Examination, Seen } from './examination.ts';
import type { Sentence } from './finding.ts';
import { type Ending, endingText, openWebSocket } from './liveliness.ts';
import { say } from './sentence.ts';

interface Idled {
  readonly ending: Ending | undefined;
  readonly seconds: number;
}

/** Who has which limit by default, by the seconds at which it cuts. */
const LIMITS: readonly { readonly seconds: number; readonly whose: Sentence }[] = [
  { seconds: 10, whose: { en: 'firewalls and test proxies', tr: 'güvenlik duvarları ve deneme vekilleri' } },
  {
    seconds: 30,
    whose: {
      en: 'HAProxy examples (timeout client, timeout server)',
      tr: 'HAProxy örnekleri (timeout client, timeout server)',
    },
  },
  {
    seconds: 50,
    whose: {
      en: 'HAProxy of Debian (timeout client 50000: set timeout tunnel)',
      tr: 'Debian’ın HAProxy’si (timeout client 50000: timeout tunnel verin)',
    },
  },
  { seconds: 55, whose: { en: 'Heroku (H15)', tr: 'Heroku (H15)' } },
  {
    seconds: 60,
    whose: {
      en: 'nginx (proxy_read_timeout), Apache (Timeout, ProxyTimeout) and AWS load balancers (idle timeout)',
      tr: 'nginx (proxy_read_timeout), Apache (Timeout, ProxyTimeout) ve AWS yük dengeleyicileri (idle timeout)',
    },
  },
  { seconds: 100, whose: { en: 'Cloudflare', tr: 'Cloudflare' } },
  { seconds: 240, whose: { en: 'Azure load balancers', tr: 'Azure yük dengeleyicileri' } },
  { seconds: 300, whose: { en: 'Apache of Debian (Timeout 300)', tr: 'Debian’ın Apache’si (Timeout 300)' } },
  {
    seconds: 350,
    whose: { en: 'AWS network load balancers and NAT', tr: 'AWS ağ yük dengeleyicileri ve NAT’ı' },
  },
  { seconds: 600, whose: { en: 'Google load balancers', tr: 'Google yük dengeleyicileri' } },
];
/** How near to a limit a cut must be to be put down to it. */
const NEAR = 0.04;

/** Waits on a WebSocket of its own without sending anything, and sees who ends it, and when. */
export async function examineIdle(examination: Examination, address: string, seconds: number): Promise<void> {
  const step = say({ en: 'idle for {seconds} s', tr: '{seconds} sn boşta' }, { seconds });
  const { ending, seconds: lasted } = await examination.step(step, () => wait(examination, address, seconds));
  if (!ending) return;
  const shown = lasted.toFixed(lasted < 10 ? 1 : 0);
  if (ending.kind === 'closed') {
    const { reason, code } = ending;
    examination.find('idle-closed', {
      seconds: shown,
      code: code ?? '1005',
      reason: reason && `(“${reason}”)`,
    });
  } else {
    examination.find('idle-cut', { seconds: shown, how: endingText(ending), limit: limitText(lasted) });
  }
}

async function wait(examination: Examination, address: string, seconds: number): Promise<Seen<Idled>> {
  const conversation = await openWebSocket(examination, address);
  const none: Idled = { ending: undefined, seconds: 0 };
  if (!conversation) return { ok: false, note: { en: 'not opened', tr: 'açılamadı' }, value: none };
  const begun = now();
  const stop = begun + examination.deadline.step(seconds * 1000);
  let pings = 0;
  while (now() < stop) {
    const turn = await conversation.next(stop - now());
    if (turn.kind === 'ping') pings++;
    if (turn.kind === 'flood') break;
    if (turn.kind !== 'closed' && turn.kind !== 'cut' && turn.kind !== 'broken') continue;
    return { ok: false, note: endingText(turn), value: { ending: turn, seconds: (now() - begun) / 1000 } };
  }
  conversation.close();
  const note = say(
    { en: 'still open; pings of the server: {pings}', tr: 'hâlâ açık; sunucunun ping sayısı: {pings}' },
    { pings },
  );
  return { ok: true, note, value: { ending: undefined, seconds } };
}

function limitText(seconds: number): Sentence {
  const limit = LIMITS.find((one) => Math.abs(one.seconds - seconds) <= Math.max(1, one.seconds * NEAR));
  if (!limit) {
    return {
      en: 'raise the time limit of the proxy (nginx proxy_read_timeout 3600s, Apache Timeout, HAProxy timeout tunnel 1h)',
      tr: 'vekil sunucunun süre sınırını yükseltin (nginx proxy_read_timeout 3600s, Apache Timeout, HAProxy timeout tunnel 1h)',
    };
  }
  return say(
    {
      en: '{seconds} s is the limit of {whose}: raise it there',
      tr: '{seconds} sn şunların sınırıdır: {whose}; orada yükseltin',
    },
    { ...limit },
  );
}
