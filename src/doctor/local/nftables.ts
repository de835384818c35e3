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

type Json = { readonly [name: string]: unknown };

export interface RuleSet {
  readonly chains: ReadonlyMap<string, Chain>;
  /** Chains through which the packet goes, in order. */
  readonly first: readonly string[];
}

/** What the packet meets on its way to the server; what is sent on or out is not asked. */
const HOOKS = ['ingress', 'prerouting', 'input'];

/**
 * Reads rules for one packet. Tables that iptables keeps are left out: it tells more of them.
 *
 * @param output of `nft -j list ruleset`.
 * @returns `undefined` when it is no such output.
 */
export function readNftables(output: string, packet: Packet): RuleSet | undefined {
  const entries = parse(output)?.nftables;
  if (!Array.isArray(entries)) return undefined;
  const reader = new Reader(entries.filter(isJson), packet);
  return reader.read();
}

class Reader {
  readonly #entries: readonly Json[];
  readonly #packet: Packet;
  readonly #sets = new Map<string, readonly unknown[]>();

  constructor(entries: readonly Json[], packet: Packet) {
    this.#entries = entries;
    this.#packet = packet;
  }

  read(): RuleSet {
    for (const set of [...this.#all('set'), ...this.#all('map')])
      this.#sets.set(place(set, 'name'), listed(set.elem));
    const foreign = new Set(this.#all('rule').filter(isForeign).map(tableOf));
    const chains = new Map<string, { policy: Chain['policy']; rules: Rule[] }>();
    const first: { name: string; order: number }[] = [];
    for (const chain of this.#all('chain')) {
      if (foreign.has(tableOf(chain)) || !this.#concerns(chain)) continue;
      const isBase = typeof chain.hook === 'string';
      const end = chain.policy === 'drop' ? 'drop' : 'accept';
      chains.set(place(chain, 'name'), { policy: isBase ? end : 'return', rules: [] });
      const hook = HOOKS.indexOf(String(chain.hook));
      if (chain.type !== 'filter' || hook === -1) continue;
      first.push({ name: place(chain, 'name'), order: hook * 1e6 + Number(chain.prio) });
    }
    for (const rule of this.#all('rule')) chains.get(place(rule, 'chain'))?.rules.push(...this.#rules(rule));
    first.sort((one, other) => one.order - other.order);
    return { chains, first: first.map(({ name }) => name) };
  }

  #all(kind: string): Json[] {
    return this.#entries.map((entry) => entry[kind]).filter(isJson);
  }

  #concerns({ family }: Json): boolean {
    return family === 'inet' || family === 'netdev' || family === (this.#packet.family === 4 ? 'ip' : 'ip6');
  }

  /** One rule, or with a verdict map one for each of its elements. */
  #rules(rule: Json): Rule[] {
    let match: Match = 'yes';
    let namesPort = false;
    for (const one of listed(rule.expr).filter(isJson)) {
      const [kind = '', value] = Object.entries(one)[0] ?? [];
      const text = shown(rule);
      if (kind === 'match' && isJson(value)) {
        const holds = this.#match(value, rule);
        match = both(match, holds);
        if (isPort(value.left) && holds === 'yes') namesPort = true;
      } else if (kind === 'vmap' && isJson(value)) {
        return this.#byElement(value, rule, match);
      } else if (kind === 'limit' || kind === 'xt' || kind === 'quota') match = both(match, 'perhaps');
      else {
        const action = actionOf(kind, value, rule);
        if (action) return [{ text, match, namesPort, action }];
      }
    }
    return [];
  }

  #byElement({ key, data }: Json, rule: Json, outer: Match): Rule[] {
    const elements = this.#elements(data, rule);
    return elements.flatMap((pair) => {
      if (!Array.isArray(pair) || !isJson(pair[1])) return [];
      const [kind = '', value] = Object.entries(pair[1])[0] ?? [];
      const action = actionOf(kind, value, rule);
      const holds = this.#equals(key, pair[0], rule);
      const text = shown({ ...rule, expr: [{ match: { op: '==', left: key, right: pair[0] } }, pair[1]] });
      return action
        ? [{ text, match: both(outer, holds), namesPort: isPort(key) && holds === 'yes', action }]
        : [];
    });
  }

  #match({ op, left, right }: Json, rule: Json): Match {
    if (!['==', '!=', 'in'].includes(String(op))) return 'perhaps';
    return negated(this.#equals(left, right, rule), op === '!=');
  }

  #equals(left: unknown, right: unknown, rule: Json): Match {
    const values = this.#elements(right, rule).flatMap((one) => (Array.isArray(one) ? one : [one]));
    const matches = values.map((one) => this.#isValue(left, one));
    if (matches.includes('yes')) return 'yes';
    return matches.includes('perhaps') ? 'perhaps' : 'no';
  }

  #isValue(left: unknown, value: unknown): Match {
    if (!isJson(left)) return 'perhaps';
    if (isPort(left)) return within(value, this.#packet.port);
    const key = `${Object.keys(left)[0]} ${describe(Object.values(left)[0])}`;
    switch (key) {
      case 'meta iifname':
      case 'meta iif':
        return comesInOn(String(value), this.#packet);
      case 'meta l4proto':
      case 'payload ip protocol':
      case 'payload ip6 nexthdr':
        return certainly(value === 'tcp' || value === 6);
      case 'meta nfproto':
        return certainly(value === `ipv${this.#packet.family}`);
      case 'ct state':
        return certainly(value === 'new');
      case 'ct status':
        return 'no';
      case 'fib type':
        return certainly(value === 'local');
      default:
        return this.#isOtherProtocol(left) ? 'no' : 'perhaps';
    }
  }

  /** A rule about a field of another protocol does not concern a TCP packet of this family. */
  #isOtherProtocol({ payload }: Json): boolean {
    const others = [
      'udp',
      'udplite',
      'sctp',
      'dccp',
      'icmp',
      'icmpv6',
      'arp',
      this.#packet.family === 4 ? 'ip6' : 'ip',
    ];
    return isJson(payload) && others.includes(String(payload.protocol));
  }

  #elements(value: unknown, rule: Json): readonly unknown[] {
    if (typeof value === 'string' && value.startsWith('@')) {
      return this.#sets.get(place({ ...rule, name: value.slice(1) }, 'name')) ?? [];
    }
    return isJson(value) && 'set' in value ? listed(value.set) : [value];
  }
}

function actionOf(kind: string, value: unknown, rule: Json): Rule['action'] | undefined {
  if (kind === 'accept' || kind === 'drop' || kind === 'reject' || kind === 'return') return { kind };
  if ((kind === 'jump' || kind === 'goto') && isJson(value)) {
    return { kind, chain: place({ ...rule, chain: value.target }, 'chain') };
  }
  return undefined;
}

function isPort(left: unknown): boolean {
  if (!isJson(left) || !isJson(left.payload)) return false;
  return left.payload.field === 'dport' && ['tcp', 'th'].includes(String(left.payload.protocol));
}

function within(value: unknown, port: number): Match {
  if (typeof value === 'number') return certainly(value === port);
  if (!isJson(value)) return 'perhaps';
  if (isJson(value.elem)) return within(value.elem.val, port);
  if (!Array.isArray(value.range)) return 'perhaps';
  const [low, high] = value.range.map(Number);
  return certainly((low ?? 0) <= port && port <= (high ?? -1));
}

/** Rules that only iptables can read: kept by it, and read from it. */
function isForeign({ family, expr }: Json): boolean {
  return (family === 'ip' || family === 'ip6') && listed(expr).some((one) => isJson(one) && 'xt' in one);
}

function tableOf({ family, table }: Json): string {
  return `${family} ${table}`;
}

/** Unique over all tables: `inet filter input`. */
function place(entry: Json, name: 'name' | 'chain'): string {
  return `${tableOf(entry)} ${entry[name]}`;
}

function describe(value: unknown): string {
  if (!isJson(value)) return '';
  if ('protocol' in value) return `${value.protocol} ${value.field}`;
  return String(value.key ?? value.result ?? '');
}

/** Near to nft's own words: `inet filter input: tcp dport 8282 drop`. */
function shown(rule: Json): string {
  const words = listed(rule.expr).map((one) => (isJson(one) ? shownExpression(one) : ''));
  return `${place(rule, 'chain')}: ${words.filter((word) => word !== '').join(' ')}`;
}

function shownExpression(expression: Json): string {
  const [kind = '', value] = Object.entries(expression)[0] ?? [];
  if (kind === 'counter' || kind === 'log' || kind === 'xt') return '';
  if (kind !== 'match' || !isJson(value))
    return isJson(value) && 'target' in value ? `${kind} ${value.target}` : kind;
  const left = isJson(value.left)
    ? `${Object.keys(value.left)[0]} ${describe(Object.values(value.left)[0])}`
    : '';
  const operator = value.op === '!=' ? '!= ' : '';
  return `${left.replace(/^(payload|meta) /, '')} ${operator}${shownValue(value.right)}`;
}

function shownValue(value: unknown): string {
  if (Array.isArray(value)) return value.map(shownValue).join(', ');
  if (!isJson(value)) return String(value);
  if (Array.isArray(value.range)) return value.range.join('-');
  if (Array.isArray(value.set)) return `{ ${value.set.map(shownValue).join(', ')} }`;
  return isJson(value.prefix) ? `${value.prefix.addr}/${value.prefix.len}` : '…';
}

function parse(text: string): Json | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isJson(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isJson(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function listed(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
