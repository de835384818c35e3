/** The packet about which a rule set is asked: the first of a TCP connection, from somebody far away. */
export interface Packet {
  readonly port: number;
  readonly family: 4 | 6;
  /** Interfaces of this machine that lead outside; the packet comes in on one of them. */
  readonly interfaces: readonly string[];
}

/** Whether a condition holds for the packet: where it depends on who sends it or when, perhaps. */
export type Match = 'yes' | 'no' | 'perhaps';

export type Verdict = 'accept' | 'drop' | 'reject';

export type Action =
  | { readonly kind: Verdict | 'return' | 'nothing' }
  | { readonly kind: 'jump' | 'goto'; readonly chain: string };

/** One rule, read for one packet. */
export interface Rule {
  /** As the program wrote it. */
  readonly text: string;
  readonly match: Match;
  /** It names the packet's port. */
  readonly namesPort: boolean;
  readonly action: Action;
}

export interface Chain {
  /** What happens at its end; chains that are jumped to return. */
  readonly policy: Verdict | 'return';
  readonly rules: readonly Rule[];
}

export interface Ruling {
  readonly verdict: Verdict;
  /** The rule that decided, or the policy. */
  readonly by: string;
  /** Rules that decide otherwise for some senders. */
  readonly exceptions: readonly { readonly verdict: Verdict; readonly rule: Rule }[];
}

const MAX_DEPTH = 64;
const MAX_STEPS = 100_000;

/** What a chain decides about the packet. Pure: nothing is sent. */
export function rule(chains: ReadonlyMap<string, Chain>, first: string): Ruling {
  const walk = new Walk(chains);
  const decided = walk.through(first, true, 0);
  return { verdict: decided?.verdict ?? 'accept', by: decided?.by ?? 'no rule', exceptions: walk.exceptions };
}

/** Both must hold. */
export function both(one: Match, other: Match): Match {
  if (one === 'no' || other === 'no') return 'no';
  return one === 'yes' && other === 'yes' ? 'yes' : 'perhaps';
}

export function negated(match: Match, really: boolean = true): Match {
  if (!really || match === 'perhaps') return match;
  return match === 'yes' ? 'no' : 'yes';
}

export function certainly(holds: boolean): Match {
  return holds ? 'yes' : 'no';
}

/** @param name an interface, or with `+` or `*` at its end the beginning of one. */
export function comesInOn(name: string, { interfaces }: Packet): Match {
  const start = /[+*]$/.test(name) ? name.slice(0, -1) : undefined;
  const fits = interfaces.filter((one) => (start === undefined ? one === name : one.startsWith(start)));
  if (fits.length === 0) return 'no';
  return fits.length === interfaces.length ? 'yes' : 'perhaps';
}

interface Decision {
  readonly verdict: Verdict;
  readonly by: string;
}

class Walk {
  readonly exceptions: { verdict: Verdict; rule: Rule }[] = [];
  readonly #chains: ReadonlyMap<string, Chain>;
  #steps = 0;

  constructor(chains: ReadonlyMap<string, Chain>) {
    this.#chains = chains;
  }

  /**
   * @param certain the packet surely comes here; otherwise verdicts are exceptions.
   * @returns a decision that is certain; none when the caller goes on.
   */
  through(name: string, certain: boolean, depth: number): Decision | undefined {
    const chain = this.#chains.get(name);
    if (chain === undefined || depth > MAX_DEPTH) return undefined;
    let sure = certain;
    for (const one of chain.rules) {
      if (one.match === 'no' || ++this.#steps > MAX_STEPS) continue;
      const applies = sure && one.match === 'yes';
      const { action } = one;
      if (action.kind === 'nothing') continue;
      if (action.kind === 'return') {
        if (one.match === 'yes') return undefined;
        sure = false;
        continue;
      }
      if (action.kind === 'jump' || action.kind === 'goto') {
        const decided = this.through(action.chain, applies, depth + 1);
        if (decided) return decided;
        if (action.kind === 'goto' && one.match === 'yes') return undefined;
        if (action.kind === 'goto') sure = false;
        continue;
      }
      if (applies) return { verdict: action.kind, by: one.text };
      this.exceptions.push({ verdict: action.kind, rule: one });
      if (one.match === 'yes') return undefined;
    }
    if (chain.policy === 'return' || !certain) return undefined;
    return { verdict: chain.policy, by: `${name}: policy ${chain.policy}` };
  }
}
