import { networkInterfaces } from 'node:os';
import { runProgram } from '../../programs.ts';
import type { Finding, Sentence } from '../finding.ts';
import { readStart } from './bounded-file.ts';
import { readIptables } from './iptables.ts';
import { readNftables } from './nftables.ts';
import { type Packet, type Ruling, rule } from './packet-filter.ts';
import { globalIpv6 } from './reach.ts';
import type { Step } from './step.ts';

/** Whose rules they are; that decides how they are changed. */
export type Keeper = 'ufw' | 'firewalld' | 'iptables' | 'ip6tables' | 'nft';

const PROGRAMS: readonly (readonly [keeper: Keeper, program: string, ...words: string[]])[] = [
  ['iptables', 'iptables', '-S'],
  ['ip6tables', 'ip6tables', '-S'],
  ['nft', 'nft', '-j', 'list', 'ruleset'],
  ['ufw', 'ufw', 'status'],
  ['firewalld', 'firewall-cmd', '--state'],
];

/** Larger rule sets are not judged, in bytes. */
const MAX_OUTPUT = 4_194_304;

/** What the programs said; `undefined` for one that is not there or may not be asked. */
export type Answers = Readonly<Partial<Record<Keeper, string>>>;

/** Does a firewall of this machine let the port in? Reads only. */
export function firewallStep(ports: () => readonly number[]): Step {
  return {
    name: { en: 'firewall', tr: 'güvenlik duvarı' },
    async examine() {
      const outcomes = await Promise.all(PROGRAMS.map(ask));
      const answers = Object.fromEntries(
        outcomes.flatMap(([keeper, said]) => (said ? [[keeper, said]] : [])),
      );
      const interfaces = outsideInterfaces();
      const families: readonly (4 | 6)[] = globalIpv6().length > 0 ? [4, 6] : [4];
      const findings = ports().flatMap((port) => {
        for (const family of families) {
          const finding = judgeFirewall(answers, { port, family, interfaces });
          if (finding) return [finding];
        }
        return [];
      });
      return { findings, note: seen(answers, ports()) };
    },
  };
}

/** @returns what stands in the way of the packet, by the rules that could be read; the first program that tells of it. */
export function judgeFirewall(answers: Answers, packet: Packet): Finding | undefined {
  for (const [keeper, rulings] of rulingsOf(answers, packet)) {
    for (const ruling of rulings) {
      const finding = judgeRuling(ruling, packet, responsible(keeper, answers));
      if (finding) return finding;
    }
  }
  return undefined;
}

function rulingsOf(answers: Answers, packet: Packet): [Keeper, Ruling[]][] {
  const tables = packet.family === 4 ? 'iptables' : 'ip6tables';
  const rules = readIptables(answers[tables] ?? '', packet);
  const nft = readNftables(answers.nft ?? '', packet);
  return [
    [tables, rules.has('INPUT') ? [rule(rules, 'INPUT')] : []],
    ['nft', nft ? nft.first.map((name) => rule(nft.chains, name)) : []],
  ];
}

/** ufw and firewalld write rules of iptables or nft: whoever is on must be told, or it writes them again. */
function responsible(keeper: Keeper, { ufw = '', firewalld = '' }: Answers): Keeper {
  if (/^running$/m.test(firewalld)) return 'firewalld';
  return /^Status: active$/m.test(ufw) && keeper !== 'nft' ? 'ufw' : keeper;
}

function judgeRuling(ruling: Ruling, packet: Packet, keeper: Keeper): Finding | undefined {
  const { verdict, exceptions } = ruling;
  if (verdict === 'accept') {
    const shut = exceptions.find((one) => one.verdict !== 'accept' && one.rule.namesPort);
    return shut && restricted(packet, keeper, shut.rule.text);
  }
  const open = exceptions.find((one) => one.verdict === 'accept' && one.rule.namesPort);
  if (open) return restricted(packet, keeper, open.rule.text);
  return blocked(ruling, packet, keeper);
}

function blocked({ verdict, by, exceptions }: Ruling, packet: Packet, keeper: Keeper): Finding {
  const { port, family } = packet;
  const perhaps = exceptions.some((one) => one.verdict === 'accept');
  const effect =
    verdict === 'drop'
      ? { en: 'clients time out', tr: 'istemciler zaman aşımına uğrar' }
      : { en: 'clients are refused', tr: 'istemciler reddedilir' };
  return {
    code: verdict === 'drop' ? 'firewall-drops' : 'firewall-rejects',
    severity: perhaps ? 'warning' : 'fault',
    cause: {
      en: `${keeper} lets no new IPv${family} connection in to port ${port}${perhaps ? ' but from the senders that other rules accept' : ''}: ${effect.en}. What decides: ${by}`,
      tr: `${keeper}, ${port} portuna yeni IPv${family} bağlantısı almıyor${perhaps ? ' (öteki kurallarının kabul ettiği göndericiler dışında)' : ''}: ${effect.tr}. Belirleyen: ${by}`,
    },
    remedy: opening(keeper, port, by),
  };
}

function restricted({ port, family }: Packet, keeper: Keeper, text: string): Finding {
  return {
    code: 'firewall-restricts',
    severity: 'warning',
    cause: {
      en: `${keeper} lets only some senders reach port ${port} over IPv${family}: ${text}`,
      tr: `${keeper}, ${port} portuna IPv${family} ile yalnız bazı göndericileri alıyor: ${text}`,
    },
    remedy: {
      en: `right if your clients are among them; else ${opening(keeper, port, text).en}`,
      tr: `istemcileriniz bunların arasındaysa doğrudur; değilse ${opening(keeper, port, text).tr}`,
    },
  };
}

function opening(keeper: Keeper, port: number, by: string): Sentence {
  const command = commandToOpen(keeper, port, by);
  const lasting: Readonly<Partial<Record<Keeper, Sentence>>> = {
    iptables: {
      en: '; iptables-persistent keeps it over a restart',
      tr: '; iptables-persistent yeniden başlatınca korur',
    },
    ip6tables: {
      en: '; iptables-persistent keeps it over a restart',
      tr: '; iptables-persistent yeniden başlatınca korur',
    },
    nft: { en: ', and the same in /etc/nftables.conf', tr: ', aynısı /etc/nftables.conf içine' },
  };
  return { en: `${command}${lasting[keeper]?.en ?? ''}`, tr: `${command}${lasting[keeper]?.tr ?? ''}` };
}

function commandToOpen(keeper: Keeper, port: number, by: string): string {
  switch (keeper) {
    case 'ufw':
      return `sudo ufw allow ${port}/tcp`;
    case 'firewalld':
      return `sudo firewall-cmd --permanent --add-port=${port}/tcp && sudo firewall-cmd --reload`;
    case 'nft': {
      const chain = /^(\w+ \S+ \S+): /.exec(by)?.[1] ?? 'inet filter input';
      return `sudo nft insert rule ${chain} tcp dport ${port} accept`;
    }
    default:
      return `sudo ${keeper} -I INPUT -p tcp --dport ${port} -j ACCEPT`;
  }
}

async function ask([keeper, program, ...words]: (typeof PROGRAMS)[number]): Promise<
  [Keeper, string | undefined]
> {
  try {
    const { exitCode, output } = await runProgram(program, words, { timeout: 2, maxOutput: MAX_OUTPUT });
    // Half a rule set would be judged wrongly.
    return [keeper, exitCode === 0 && output.length < MAX_OUTPUT ? output : undefined];
  } catch {
    return [keeper, undefined];
  }
}

/** What was read, and what could not be: silence is no proof. */
function seen(answers: Answers, ports: readonly number[]): Sentence {
  const read = (['iptables', 'nft'] as const).filter((name) => answers[name] !== undefined);
  const asked = ports.length === 0 ? '' : ` (${ports.join(', ')})`;
  if (read.length > 0) {
    return {
      en: `read${asked}: ${read.join(', ')}; a firewall of the provider cannot be seen from here`,
      tr: `okunan${asked}: ${read.join(', ')}; sağlayıcının güvenlik duvarı buradan görülemez`,
    };
  }
  const on = [
    ...(/^ENABLED=yes$/m.test(readStart('/etc/ufw/ufw.conf', 8192) ?? '') ? ['ufw'] : []),
    ...(/^running$/m.test(answers.firewalld ?? '') ? ['firewalld'] : []),
  ];
  const active = on.join(', ');
  return {
    en: `its rules could not be read${active && `, though ${active} is on`}: root may (sudo), with nft or iptables installed`,
    tr: `kuralları okunamadı${active && ` (${active} açık)`}: nft ya da iptables kuruluysa root okuyabilir (sudo)`,
  };
}

function outsideInterfaces(): string[] {
  const all = Object.entries(networkInterfaces());
  return all.filter(([, addresses]) => addresses?.some(({ internal }) => !internal)).map(([name]) => name);
}
