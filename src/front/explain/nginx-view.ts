import { parseTarget, type Target } from './address.ts';
import type { Directive } from './directive.ts';
import { looksLikeWss } from './wss-path.ts';

/** Files that say nothing about proxying, or what is known: Debian's, and certbot's. */
const HARMLESS =
  /(?:^|\/)(?:mime\.types|fastcgi_params|fastcgi\.conf|fastcgi-php\.conf|uwsgi_params|scgi_params|koi-\w+|win-utf|options-ssl-nginx\.conf)$|modules-enabled/;

/** One level of nginx's configuration: the file itself, or a block. */
export class Level {
  /** `undefined` for the file itself. */
  readonly directive: Directive | undefined;
  readonly parent: Level | undefined;
  readonly children: Level[] = [];
  readonly #own = new Map<string, Directive[]>();
  #headers: Headers | undefined;
  #unfollowed: readonly Directive[] | undefined;
  #variables: ReadonlyMap<string, string> | undefined;

  constructor(directives: readonly Directive[], directive?: Directive, parent?: Level) {
    this.directive = directive;
    this.parent = parent;
    for (const one of directives) {
      const same = this.#own.get(one.name);
      if (same) same.push(one);
      else this.#own.set(one.name, [one]);
      if (one.block) this.children.push(new Level(one.block, one, this));
    }
  }

  /** `server`, `location`, `if`; empty for the file itself. */
  get name(): string {
    return this.directive?.name ?? '';
  }

  own(name: string): readonly Directive[] {
    return this.#own.get(name) ?? [];
  }

  /** What is in force here: a level that sets a directive inherits none of that name. */
  effective(name: string): readonly Directive[] {
    return this.#setter(name)?.own(name) ?? [];
  }

  /** The value in force of a directive that is set once. */
  value(name: string): string | undefined {
    return this.effective(name).at(-1)?.words[0];
  }

  /** @returns whether an include that was not followed may set it: then nothing is missing for sure. */
  mayBeElsewhere(name: string): boolean {
    const setter = this.#setter(name);
    for (let level: Level | undefined = this; level; level = level.parent) {
      if (level.name !== 'http' && level.parent && level.unfollowed.length > 0) return true;
      if (level === setter) return false;
    }
    return false;
  }

  /** What `set` gives a variable (with its `$`) here or further out. */
  variable(name: string): string | undefined {
    this.#variables ??= new Map(this.own('set').map(({ words: [set = '', value = ''] }) => [set, value]));
    return this.#variables.get(name) ?? this.parent?.variable(name);
  }

  /** The nearest level of that name, this one included. */
  around(name: string): Level | undefined {
    let level: Level | undefined = this;
    while (level && level.name !== name) level = level.parent;
    return level;
  }

  /** Includes that were not followed and may matter. */
  get unfollowed(): readonly Directive[] {
    this.#unfollowed ??= this.own('include').filter(
      ({ words }) => !HARMLESS.test(words[0]?.slice(-200) ?? ''),
    );
    return this.#unfollowed;
  }

  /** The headers in force that `proxy_set_header` sets. */
  get headers(): Headers {
    const setter = this.#setter('proxy_set_header');
    if (!setter) return new Map();
    setter.#headers ??= headersOf(setter.own('proxy_set_header'));
    return setter.#headers;
  }

  #setter(name: string): Level | undefined {
    let level: Level | undefined = this;
    while (level && level.own(name).length === 0) level = level.parent;
    return level;
  }
}

/** By name in lower case: the lines that set a header, in order. */
export type Headers = ReadonlyMap<string, readonly Directive[]>;

export type Match = 'exact' | 'prefix' | 'regex' | 'named' | 'none';

/** A place that passes requests on, and how. */
export interface Site {
  /** Where `proxy_pass` stands: a location, or an `if` in one. */
  readonly level: Level;
  /** Its server; the file itself in a snippet. */
  readonly server: Level;
  readonly match: Match;
  readonly path: string;
  readonly pass: Directive;
  /** `undefined` when it is not an address: a variable alone. */
  readonly target: Target | undefined;
  readonly headers: Headers;
}

/** What a map gives for a handshake, and for a plain request; `undefined` when that cannot be told. */
export interface UpgradeMap {
  readonly at: Directive;
  readonly upgrading: string | undefined;
  readonly plain: string | undefined;
}

/** nginx's configuration, as the rules look at it. */
export interface NginxView {
  readonly levels: readonly Level[];
  /** Servers of http; the file itself when it is a snippet of a server. */
  readonly servers: readonly Level[];
  readonly locations: readonly Level[];
  /** Places where wss passes, as far as can be seen. */
  readonly sites: readonly Site[];
  /** All places that pass HTTP on. */
  readonly proxied: readonly Site[];
  readonly upstreams: ReadonlyMap<string, Level>;
  /** By the variable that a `map` sets, without its `$`. */
  readonly maps: ReadonlyMap<string, UpgradeMap>;
  /** Of wss; `undefined` when it was not told. */
  readonly path: string | undefined;
}

/** The lines of a directive that are in force in some places, each once. */
export function inForce(places: readonly { readonly level: Level }[], name: string): Directive[] {
  return [...new Set(places.map(({ level }) => level.effective(name)))].flat();
}

/** The line of a directive that is set once, of each level that counts for some places. */
export function inForceLast(places: readonly { readonly level: Level }[], name: string): Directive[] {
  return [...new Set(places.map(({ level }) => level.effective(name)))].flatMap((lines) => lines.slice(-1));
}

/** @param path where wss is asked for, as `/wss`; without it, it is guessed from the configuration. */
export function viewNginx(directives: readonly Directive[], path?: string): NginxView {
  const levels = flattened(new Level(directives));
  const inHttp = levels.filter((level) => !level.around('stream'));
  const locations = inHttp.filter(({ name }) => name === 'location');
  const proxied = inHttp.filter((level) => level.own('proxy_pass').length > 0).flatMap(siteOf);
  const upstreams = levels.filter(({ name }) => name === 'upstream');
  return {
    levels,
    servers: inHttp.filter(({ name }) => name === 'server'),
    locations,
    sites: path === undefined ? likely(proxied) : serving(path, locations, proxied),
    proxied,
    upstreams: new Map(upstreams.map((level) => [level.directive?.words[0] ?? '', level])),
    maps: new Map(levels.flatMap(({ directive }) => (directive?.name === 'map' ? [mapOf(directive)] : []))),
    path,
  };
}

/** How a location chooses its requests. nginx takes `=/wss` like `= /wss`. */
export function locationOf(level: Level): { match: Match; path: string; firm: boolean } {
  const [first = '', second] = level.around('location')?.directive?.words ?? [];
  const [, sign = '', glued = ''] = /^(=|\^~|~\*|~)?(.*)$/s.exec(first) ?? [];
  const path = second ?? glued;
  const match = !level.around('location') ? 'none' : MATCHES[sign];
  return { match: match ?? (path.startsWith('@') ? 'named' : 'prefix'), path, firm: sign === '^~' };
}

const MATCHES: Readonly<Record<string, Match>> = { '=': 'exact', '~': 'regex', '~*': 'regex' };

function mapOf(at: Directive): [variable: string, map: UpgradeMap] {
  const [source, variable = ''] = at.words;
  const known = source === '$http_upgrade';
  const given = (value: string): string | undefined => (known ? looked(at.block ?? [], value) : undefined);
  return [variable.replace(/^\$/, ''), { at, upgrading: given('websocket'), plain: given('') }];
}

function looked(entries: readonly Directive[], value: string): string | undefined {
  const exact = entries.find(({ name }) => name.toLowerCase() === value);
  if (exact) return exact.words[0];
  if (entries.some(({ name }) => name.startsWith('~') || name === 'include')) return undefined;
  return entries.find(({ name }) => name === 'default')?.words[0] ?? '';
}

function headersOf(directives: readonly Directive[]): Headers {
  const headers = new Map<string, Directive[]>();
  for (const one of directives) {
    const name = one.words[0]?.toLowerCase() ?? '';
    const same = headers.get(name);
    if (same) same.push(one);
    else headers.set(name, [one]);
  }
  return headers;
}

function flattened(root: Level): Level[] {
  const levels = [root];
  for (const level of levels) for (const child of level.children) levels.push(child);
  return levels;
}

function siteOf(level: Level): Site[] {
  const pass = level.own('proxy_pass').at(-1);
  if (!pass) return [];
  let root: Level = level;
  while (root.parent && root.name !== 'server') root = root.parent;
  const { match, path } = locationOf(level);
  const target = parseTarget(pass.words[0] ?? '');
  return [{ level, server: root, match, path, pass, target, headers: level.headers }];
}

/** Places that pass Upgrade, or look like it; when none does, every one may be meant. */
function likely(proxied: readonly Site[]): readonly Site[] {
  const found = proxied.filter(({ headers, path }) => headers.has('upgrade') || looksLikeWss(path));
  return found.length > 0 ? found : proxied;
}

/** Places that serve a path, server by server: the exact one, else the longest prefix; patterns are not run. */
function serving(path: string, locations: readonly Level[], proxied: readonly Site[]): readonly Site[] {
  const best = new Map<Level | undefined, Level>();
  for (const level of locations) {
    const found = locationOf(level);
    if (found.match !== 'exact' && found.match !== 'prefix') continue;
    if (found.match === 'exact' ? found.path !== path : !path.startsWith(found.path)) continue;
    const server = level.around('server');
    const rival = best.get(server);
    if (!rival || isNearer(found, locationOf(rival))) best.set(server, level);
  }
  const chosen = new Set(best.values());
  return proxied.filter(({ level, match }) => {
    const location = level.around('location');
    return match === 'regex' || match === 'named' || (location !== undefined && chosen.has(location));
  });
}

function isNearer(one: { match: Match; path: string }, other: { match: Match; path: string }): boolean {
  if (one.match !== other.match) return one.match === 'exact';
  return one.path.length > other.path.length;
}
