import type { Directive } from './directive.ts';
import { shown } from './directive.ts';

/** `fault`: wss does not work, is cut, or somebody can forge something. `warning`: outdated, slow or fragile. */
export type Severity = 'fault' | 'warning';

/** One thing that is wrong in a proxy's configuration, and what to do about it. */
export interface Explanation {
  /** From 1; of an included file, the line of its `include`. */
  readonly line: number;
  /** Stable, in kebab-case: `ssl-on`. */
  readonly code: string;
  readonly severity: Severity;
  /** The directive as it was read, on one line, shortened. */
  readonly directive: string;
  readonly cause: string;
  readonly remedy: string;
}

/** What is looked for in a configuration. `View` is how its dialect is seen. */
export interface Rule<View> {
  readonly code: string;
  readonly severity: Severity;
  /** What it looks like in a file. */
  readonly looks: string;
  readonly cause: string;
  readonly remedy: string;
  readonly find: (view: View) => Iterable<Sighting>;
}

/** Where a rule was broken. */
export interface Sighting {
  readonly at: Directive;
  /** In the words of this case, where they tell more than the rule's own. */
  readonly cause?: string;
  readonly remedy?: string;
}

/** A rule of any dialect, as the reference shows it. */
export type DescribedRule = Omit<Rule<never>, 'find'>;

/** The part of a rule that is the same for every proxy. */
export type SharedRule = Pick<DescribedRule, 'code' | 'severity' | 'cause'>;

/** All that the rules find, by line; a rule says one thing of one directive. */
export function obeyed<View>(rules: readonly Rule<View>[], view: View): Explanation[] {
  const found: Explanation[] = [];
  for (const rule of rules) {
    const seen = new Set<Directive>();
    for (const sighting of rule.find(view)) {
      if (seen.has(sighting.at)) continue;
      seen.add(sighting.at);
      found.push(explanation(rule, sighting));
    }
  }
  return found.sort((one, other) => one.line - other.line);
}

/** What a rule says about one sighting. Control characters of the file do not reach a terminal. */
export function explanation(rule: DescribedRule, { at, cause, remedy }: Sighting): Explanation {
  const said = cause ?? rule.cause;
  return {
    line: at.line,
    code: rule.code,
    severity: rule.severity,
    directive: shown(at),
    cause: at.place === undefined && cause === undefined ? said : printable(placed(at, said)),
    remedy: remedy === undefined ? rule.remedy : printable(remedy),
  };
}

function placed({ place }: Directive, text: string): string {
  return place === undefined ? text : `In ${place}: ${text}`;
}

function printable(text: string): string {
  return text.replace(/\p{C}/gu, '?');
}
