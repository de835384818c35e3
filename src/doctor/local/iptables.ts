import {
  both,
  type Chain,
  certainly,
  comesInOn,
  type Match,
  negated,
  type Packet,
  type Rule,
} from './packet-filter.ts';

/** Options of matches that say nothing about whether a packet matches. */
const SILENT = new Set([
  '-m',
  '--comment',
  '--name',
  '--mask',
  '--limit-burst',
  '--log-prefix',
  '--log-level',
  '--reject-with',
]);
const TARGETS: Readonly<Record<string, 'accept' | 'drop' | 'reject' | 'return'>> = {
  ACCEPT: 'accept',
  DROP: 'drop',
  REJECT: 'reject',
  RETURN: 'return',
};

/**
 * Reads rules for one packet.
 *
 * @param output of `iptables -S` or `ip6tables -S`.
 */
export function readIptables(output: string, packet: Packet): Map<string, Chain> {
  const names = [...output.matchAll(/^-[PN] (\S+)(?: (\S+))?$/gm)];
  const chains = new Map<string, { policy: Chain['policy']; rules: Rule[] }>();
  for (const [, name = '', policy = ''] of names) {
    const end = policy === 'DROP' ? 'drop' : policy === 'ACCEPT' ? 'accept' : 'return';
    chains.set(name, { policy: end, rules: [] });
  }
  for (const line of output.split('\n')) {
    if (!line.startsWith('-A ')) continue;
    const [, chain = '', ...words] = splitWords(line);
    chains.get(chain)?.rules.push(readRule(line, words, packet));
  }
  return chains;
}

/** As a shell splits them: quotes hold together, a backslash keeps the next sign. */
function splitWords(line: string): string[] {
  const words = line.match(/"(?:\\.|[^"\\])*"|[^\s"]+/g) ?? [];
  return words.map((word) => (word.startsWith('"') ? word.slice(1, -1).replace(/\\(.)/g, '$1') : word));
}

function readRule(text: string, words: readonly string[], packet: Packet): Rule {
  let match: Match = 'yes';
  let namesPort = false;
  let action: Rule['action'] = { kind: 'nothing' };
  let not = false;
  for (let index = 0; index < words.length; index++) {
    const word = words[index] ?? '';
    if (word === '!') {
      not = true;
      continue;
    }
    if (!word.startsWith('-')) continue;
    const values = valuesAfter(words, index);
    const value = values[0] ?? '';
    if (word === '-j' || word === '-g') action = target(word, value);
    else if (!SILENT.has(word)) {
      match = both(match, negated(holds(word, values, packet), not));
      if (/^--(dports?|ports|destination-port)$/.test(word))
        namesPort = holds(word, values, packet) === 'yes';
    }
    not = false;
    index += values.length;
  }
  return { text, match, namesPort, action };
}

function valuesAfter(words: readonly string[], index: number): string[] {
  const values: string[] = [];
  for (const word of words.slice(index + 1)) {
    if (word === '!' || (word.startsWith('-') && !/^-\d/.test(word))) break;
    values.push(word);
  }
  return values;
}

function target(word: string, name: string): Rule['action'] {
  const known = TARGETS[name];
  if (known !== undefined) return { kind: known };
  if (word === '-g') return { kind: 'goto', chain: name };
  // A target of an extension (LOG, MARK, TCPMSS) is written in capitals and lets the packet go on; a chain that has such a name is found, too.
  return { kind: 'jump', chain: name };
}

function holds(option: string, values: readonly string[], packet: Packet): Match {
  const value = values[0] ?? '';
  switch (option) {
    case '-p':
      return certainly(['tcp', 'all', '0', '6'].includes(value));
    case '-i':
      return comesInOn(value, packet);
    case '--dport':
    case '--dports':
    case '--ports':
    case '--destination-port':
      return certainly(value.split(',').some((part) => within(part, packet.port)));
    case '--ctstate':
    case '--state':
      return certainly(value.split(',').includes('NEW'));
    case '--dst-type':
      return value === 'LOCAL' ? 'yes' : certainly(!['MULTICAST', 'BROADCAST'].includes(value));
    case '--tcp-flags':
      return certainly(values[1] === 'SYN');
    default:
      return 'perhaps';
  }
}

function within(range: string, port: number): boolean {
  const [low = '', high = low] = range.split(':');
  return Number(low) <= port && port <= Number(high);
}
