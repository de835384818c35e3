import { UsageError } from '../../errors.ts';
import { nearest } from '../../nearest.ts';
import { isToken } from './grammar.ts';

/** What a browser is told about a cookie besides its value. */
export interface CookieOptions {
  /** Seconds to keep it; 0 or less removes it. Without `maxAge` and `expires` it goes with the browser. */
  readonly maxAge?: number;
  readonly expires?: Date;
  /** Default `/`. */
  readonly path?: string;
  /** By default the host alone, without those below it. */
  readonly domain?: string;
  /** Only over TLS. */
  readonly secure?: boolean;
  /** Not for scripts of the page. Default true. */
  readonly httpOnly?: boolean;
  /** Whether it comes with requests from pages of other sites. Default `Lax`; `None` needs `secure`. */
  readonly sameSite?: 'Strict' | 'Lax' | 'None';
  /** Kept apart for each site that embeds this one; needs `secure`. */
  readonly partitioned?: boolean;
}

const OPTIONS: readonly string[] = [
  'maxAge',
  'expires',
  'path',
  'domain',
  'secure',
  'httpOnly',
  'sameSite',
  'partitioned',
];
const SAME_SITE: readonly unknown[] = ['Strict', 'Lax', 'None'];

/** RFC 6265 §4.1.1 cookie-octet, perhaps in quotes. */
const VALUE = /^(?:[!#-+\--:<-[\]-~]*|"[!#-+\--:<-[\]-~]*")$/;
/** RFC 6265 §4.1.1 path-value that begins with a slash. */
const PATH = /^\/[ -:<-~]*$/;
const DOMAIN = /^\.?[a-z\d]([a-z\d.-]*[a-z\d])?$/i;
/** Browsers drop a cookie over this without a word (RFC 6265bis §5.6). */
const MOST_BYTES = 4096;

/**
 * The value of a Set-Cookie field.
 *
 * @throws {UsageError} what a browser would drop or misread.
 * @see RFC 6265 §4.1 — Set-Cookie; RFC 6265bis §4.1.3 — Cookie Name Prefixes
 */
export function setCookie(name: string, value: string, options: CookieOptions = {}): string {
  checkName(name, value);
  checkOptions(name, options);
  const {
    maxAge,
    expires,
    path = '/',
    domain,
    secure,
    httpOnly = true,
    sameSite = 'Lax',
    partitioned,
  } = options;
  let line = `${name}=${value}; Path=${path}`;
  if (domain !== undefined) line += `; Domain=${domain}`;
  if (maxAge !== undefined) line += `; Max-Age=${maxAge}`;
  if (expires !== undefined) line += `; Expires=${expires.toUTCString()}`;
  if (secure) line += '; Secure';
  if (httpOnly) line += '; HttpOnly';
  line += `; SameSite=${sameSite}`;
  return partitioned ? `${line}; Partitioned` : line;
}

/** Whether a browser that keeps one of two Set-Cookie values replaces it with the other. */
export function isSameCookie(one: string, other: string): boolean {
  return identity(one) === identity(other);
}

function identity(line: string): string {
  const [pair = '', ...attributes] = line.split(';').map((piece) => piece.trim());
  const own = attributes.filter((piece) => /^(path|domain)=/i.test(piece)).sort();
  return [pair.slice(0, pair.indexOf('=')), own.join(';').toLowerCase()].join(';');
}

function checkName(name: string, value: string): void {
  if (!isToken(name)) fail(JSON.stringify(name), 'is not a name: letters, digits and - _ . are');
  if (typeof value !== 'string' || !VALUE.test(value)) {
    fail(
      name,
      'its value holds a space, a comma or another character that is not allowed: encodeURIComponent() it',
    );
  }
  if (name.length + value.length > MOST_BYTES)
    fail(name, `name and value are over ${MOST_BYTES} bytes; browsers drop it`);
}

function checkOptions(name: string, options: CookieOptions): void {
  const { maxAge, expires, path = '/', domain, secure, sameSite = 'Lax', partitioned } = options;
  for (const option of Object.keys(options)) {
    if (OPTIONS.includes(option)) continue;
    const meant = nearest(option, OPTIONS);
    fail(name, `there is no option ${option}${meant === undefined ? '' : `; ${meant} was meant?`}`);
  }
  if (maxAge !== undefined && !Number.isSafeInteger(maxAge))
    fail(name, `maxAge is whole seconds, not ${maxAge}`);
  if (expires !== undefined && Number.isNaN(expires.getTime())) fail(name, 'expires is not a date');
  if (!PATH.test(path)) fail(name, 'path begins with / and has no ;');
  if (domain !== undefined && !DOMAIN.test(domain))
    fail(name, `domain is a host name, not ${JSON.stringify(domain)}`);
  if (!SAME_SITE.includes(sameSite)) fail(name, "sameSite is 'Strict', 'Lax' or 'None'");
  if (!secure) checkInsecure(name, sameSite, partitioned);
  if (/^__host-/i.test(name) && (path !== '/' || domain !== undefined)) {
    fail(name, 'a __Host- cookie has the path / and no domain');
  }
}

/** What only cookies with Secure may have. */
function checkInsecure(name: string, sameSite: string, partitioned: boolean | undefined): void {
  if (sameSite === 'None') fail(name, "sameSite 'None' needs secure: true");
  if (partitioned) fail(name, 'partitioned needs secure: true');
  if (/^__(host|secure)-/i.test(name)) fail(name, 'a name with this prefix needs secure: true');
}

function fail(cookie: string, why: string): never {
  throw new UsageError('E_COOKIE', `cookie ${cookie}: ${why}`);
}
