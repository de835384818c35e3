import { parseTarget, type Target } from './address.ts';
import type { Directive } from './directive.ts';
import { looksLikeWss } from './wss-path.ts';

/** Sections that ask something when Apache starts: what they hold counts as if it stood outside. */
const TRANSPARENT = /^(?:if(?:module|define|version|file|directive|section)|macro|requireany|requireall)$/;

/** Files that say nothing about proxying. */
const HARMLESS = /options-ssl-apache\.conf$|mods-enabled|(?:^|\/)mime\.types$/;

/** The main server, or a virtual host. */
export class Context {
  /** `undefined` for the main server. */
  readonly directive: Directive | undefined;
  readonly main: Context | undefined;
  /** In order, those of transparent sections among them; other sections are directives with a block. */
  readonly directives: readonly Directive[];
  readonly passings: readonly Passing[];
  readonly #own = new Map<string, Directive[]>();
  readonly #replaced = new Map<string, boolean>();
  #setsRemoteAddress: boolean | undefined;
  #unfollowed: readonly Directive[] | undefined;
  readonly #requestHeaders = new Map<string, Directive[]>();

  constructor(directives: readonly Directive[], directive?: Directive, main?: Context) {
    this.directive = directive;
    this.main = main;
    this.directives = opened(directives);
    for (const one of this.directives) {
      add(this.#own, one.name, one);
      if (one.name === 'requestheader') this.#addHeader(one);
      else if (isPlace(one)) for (const inner of opened(one.block ?? [])) this.#addHeader(inner);
    }
    this.passings = passingsOf(this);
  }

  own(name: string): readonly Directive[] {
    return this.#own.get(name) ?? [];
  }

  /** What is in force here: a virtual host takes from the main server what it does not set. */
  effective(name: string): readonly Directive[] {
    const own = this.own(name);
    return own.length > 0 || !this.main ? own : this.main.own(name);
  }

  /** The value in force of a directive that is set once, in lower case. */
  value(name: string): string | undefined {
    return this.effective(name).at(-1)?.words[0]?.toLowerCase();
  }

  /** Lines of this context that set, add to or remove a header of the request. */
  requestHeader(name: string): readonly Directive[] {
    return this.#requestHeaders.get(name) ?? [];
  }

  /** @returns whether a header of the request is set or removed, here or in the main server: a client's own is gone. */
  replaces(name: string): boolean {
    const known = this.#replaced.get(name);
    if (known !== undefined) return known;
    const own = this.requestHeader(name).some(({ words: [action = ''] }) => /^(?:set|unset)$/i.test(action));
    const replaced = own || (this.main?.replaces(name) ?? false);
    this.#replaced.set(name, replaced);
    return replaced;
  }

  /** @returns whether something puts REMOTE_ADDR into the environment, here or in the main server. */
  get setsRemoteAddress(): boolean {
    this.#setsRemoteAddress ??=
      this.directives.some(setsRemoteAddress) || (this.main?.setsRemoteAddress ?? false);
    return this.#setsRemoteAddress;
  }

  /** Includes that were not followed and may matter: then nothing is missing for sure. */
  get unfollowed(): readonly Directive[] {
    this.#unfollowed ??= [...this.own('include'), ...this.own('includeoptional')].filter(isUnfollowed);
    return this.#unfollowed;
  }

  /** @returns whether this context speaks TLS with its clients, or is meant to. */
  get speaksTls(): boolean {
    return this.value('sslengine') === 'on' || this.own('sslcertificatefile').length > 0 || this.isOn443;
  }

  get isOn443(): boolean {
    return this.directive?.words.some((address) => address.endsWith(':443')) ?? false;
  }

  #addHeader(one: Directive): void {
    if (one.name === 'requestheader') add(this.#requestHeaders, one.words[1]?.toLowerCase() ?? '', one);
  }
}

/** A line that passes requests on, and how. */
export interface Passing {
  readonly context: Context;
  readonly at: Directive;
  readonly by: 'path' | 'pattern' | 'location' | 'rewrite';
  readonly path: string;
  /** `undefined` for `!`, which passes nothing on, and for what is no address. */
  readonly target: Target | undefined;
  /** `upgrade=websocket`, `timeout=60`: names in lower case. */
  readonly parameters: ReadonlyMap<string, string>;
  /** `RewriteCond` lines before a `RewriteRule`. */
  readonly conditions: readonly Directive[];
}

/** Apache's configuration, as the rules look at it. */
export interface ApacheView {
  /** Every directive, however deep. */
  readonly all: readonly Directive[];
  /** The main server first. */
  readonly contexts: readonly Context[];
  /** Places where wss passes, as far as can be seen. */
  readonly sites: readonly Passing[];
  readonly passings: readonly Passing[];
  /** Members of `balancer://name`, by name. */
  readonly balancers: ReadonlyMap<string, readonly Directive[]>;
  /** Of wss; `undefined` when it was not told. */
  readonly path: string | undefined;
}

/** @param path where wss is asked for, as `/wss`; without it, it is guessed from the configuration. */
export function viewApache(directives: readonly Directive[], path?: string): ApacheView {
  const main = new Context(directives);
  const hosts = main.own('virtualhost').map((one) => new Context(one.block ?? [], one, main));
  const contexts = [main, ...hosts];
  const passings = contexts.flatMap((context) => context.passings).filter(({ target }) => target);
  return {
    all: flattened(directives),
    contexts,
    passings,
    sites: path === undefined ? likely(passings) : serving(path, contexts),
    balancers: balancersOf(main, hosts),
    path,
  };
}

/** @returns whether it is a target of mod_proxy_wstunnel. */
export function isTunnel({ target }: Passing): boolean {
  return target?.scheme === 'ws' || target?.scheme === 'wss';
}

function setsRemoteAddress({ name, words }: Directive): boolean {
  return /^(?:setenv|rewriterule)/.test(name) && words.some((word) => word.includes('REMOTE_ADDR'));
}

function isUnfollowed({ words }: Directive): boolean {
  return !HARMLESS.test(words[0]?.slice(-200) ?? '');
}

function isPlace({ name }: Directive): boolean {
  return /^(?:location|locationmatch|proxy|if)$/.test(name);
}

function add(map: Map<string, Directive[]>, name: string, one: Directive): void {
  const same = map.get(name);
  if (same) same.push(one);
  else map.set(name, [one]);
}

/** What transparent sections hold, put where they stand. */
function opened(directives: readonly Directive[]): Directive[] {
  return directives.flatMap((one) => (one.block && TRANSPARENT.test(one.name) ? opened(one.block) : [one]));
}

function flattened(directives: readonly Directive[]): Directive[] {
  const all = [...directives];
  for (const one of all) for (const inner of one.block ?? []) all.push(inner);
  return all;
}

function passingsOf(context: Context): Passing[] {
  const found: Passing[] = [];
  let conditions: Directive[] = [];
  for (const one of context.directives) {
    if (one.name === 'rewritecond') conditions.push(one);
    if (one.name === 'proxypass' || one.name === 'proxypassmatch') found.push(passed(context, one));
    if (isPlace(one)) found.push(...passedIn(context, one));
    if (one.name !== 'rewriterule') continue;
    const rewriting = rewritten(context, one, conditions);
    if (rewriting) found.push(rewriting);
    conditions = [];
  }
  return found;
}

function passed(context: Context, at: Directive): Passing {
  const [path = '', url = '', ...rest] = at.words;
  const by = at.name === 'proxypassmatch' ? 'pattern' : 'path';
  return { context, at, by, path, target: parseTarget(url), parameters: parametersOf(rest), conditions: [] };
}

/** `ProxyPass` in a `<Location>` takes its path from there. */
function passedIn(context: Context, place: Directive): Passing[] {
  if (place.name !== 'location' && place.name !== 'locationmatch') return [];
  const [first = '', second = ''] = place.words;
  const path = first === '~' ? second : first;
  return opened(place.block ?? [])
    .filter(({ name }) => name === 'proxypass' || name === 'proxypassmatch')
    .map((at) => {
      const [url = '', ...rest] = at.words;
      const by = 'location';
      return {
        context,
        at,
        by,
        path,
        target: parseTarget(url),
        parameters: parametersOf(rest),
        conditions: [],
      };
    });
}

/** A rule that passes on: `[P]`; one to ws:// is meant to. */
function rewritten(context: Context, at: Directive, conditions: readonly Directive[]): Passing | undefined {
  const [path = '', url = '', flags = ''] = at.words;
  const target = parseTarget(url);
  const passes = /[[,]\s*(?:P|proxy)\s*[\],]/i.test(flags.slice(0, 200));
  if (!target || !(passes || /^wss?$/.test(target.scheme))) return undefined;
  return { context, at, by: 'rewrite', path, target, parameters: new Map(), conditions };
}

function parametersOf(words: readonly string[]): Map<string, string> {
  return new Map(
    words.map((word) => {
      const mark = word.indexOf('=');
      return mark < 0 ? [word.toLowerCase(), ''] : [word.slice(0, mark).toLowerCase(), word.slice(mark + 1)];
    }),
  );
}

/** Places that say WebSocket, or look like it; when none does, every one may be meant. */
function likely(passings: readonly Passing[]): readonly Passing[] {
  const found = passings.filter(
    (one) => isTunnel(one) || one.parameters.has('upgrade') || looksLikeWss(one.path),
  );
  return found.length > 0 ? found : passings;
}

/** The first line of each context that takes a path, as Apache asks them; patterns are not run. */
function serving(path: string, contexts: readonly Context[]): Passing[] {
  return contexts.flatMap(({ passings }) => {
    const plain = passings.find(
      ({ by, path: taken }) => (by === 'path' || by === 'location') && covers(taken, path),
    );
    const patterns = passings.filter(({ by }) => by === 'pattern' || by === 'rewrite');
    return (plain ? [plain, ...patterns] : patterns).filter(({ target }) => target);
  });
}

/** @returns whether `ProxyPass taken` takes a path: whole parts of it only. */
function covers(taken: string, path: string): boolean {
  return path === taken || path.startsWith(taken.endsWith('/') ? taken : `${taken}/`);
}

function balancersOf(main: Context, hosts: readonly Context[]): Map<string, Directive[]> {
  const members = new Map<string, Directive[]>();
  for (const context of [main, ...hosts]) {
    for (const { words, block } of context.own('proxy')) {
      const name = parseTarget(words[0] ?? '')?.host ?? '';
      for (const one of opened(block ?? [])) if (one.name === 'balancermember') add(members, name, one);
    }
  }
  return members;
}
