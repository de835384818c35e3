/** Character tables of RFC 9110 and RFC 9112: one look-up per character, no regular expressions. */

const LETTERS_AND_DIGITS = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789';

/** @see RFC 9110 §5.6.2 — tchar */
const TOKEN: Uint8Array = tableOf(`${LETTERS_AND_DIGITS}!#$%&'*+-.^_\`|~`);

/**
 * Visible ASCII without `"`, `<`, `>` and `#`. Wider than RFC 3986 by what browsers leave unescaped
 * (`[`, `]`, `{`, `}`, `|`, `^`, `\`, a backtick and a lone `%`): `?filter[a]=1` is an everyday query.
 */
const TARGET: Uint8Array = tableOf(`${LETTERS_AND_DIGITS}!$%&'()*+,-./:;=?@[\\]^_\`{|}~`);

/** @see RFC 3986 §3.2.2 — reg-name, with `%` for its escapes */
const REG_NAME: Uint8Array = tableOf(`${LETTERS_AND_DIGITS}-._~%!$&'()*+,;=`);

/** @see RFC 5234 §B.1 — HEXDIG */
const HEX: Uint8Array = tableOf('0123456789abcdefABCDEF');

/** True when `[start, end)` is one token, thus not empty. */
export function isToken(text: string, start = 0, end: number = text.length): boolean {
  return start < end && consistsOf(TOKEN, text, start, end);
}

/** Where the run of token characters that begins at `start` ends; `start` itself when there is none. */
export function endOfToken(text: string, start: number): number {
  let end = start;
  while (TOKEN[text.charCodeAt(end)] === 1) end++;
  return end;
}

/** True for the characters of a request-target in origin-form. */
export function isTarget(text: string): boolean {
  return consistsOf(TARGET, text, 0, text.length);
}

/**
 * True when the text may be sent as a field value: one byte per character, no control character but
 * HTAB, no whitespace at its ends.
 *
 * @see RFC 9110 §5.5 — Field Values
 */
export function isFieldValue(text: string): boolean {
  if (isBlank(text.charCodeAt(0)) || isBlank(text.charCodeAt(text.length - 1))) return false;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if ((code < 0x20 && code !== 0x09) || code === 0x7f || code > 0xff) return false;
  }
  return true;
}

/**
 * True for `uri-host [ ":" port ]` with a host that is not empty.
 *
 * @see RFC 9110 §7.2 — Host
 */
export function isHost(text: string): boolean {
  const end = endOfHost(text);
  return isHostName(text.slice(0, end)) && isPort(text.slice(end));
}

/** Where the host name of a Host value ends and `:port` (or nothing) begins. */
export function endOfHost(text: string): number {
  if (text.startsWith('[')) return text.indexOf(']') + 1;
  const colon = text.indexOf(':');
  return colon < 0 ? text.length : colon;
}

/** True when everything from `start` is an ASCII digit; also when nothing is left. */
export function isDigits(text: string, start = 0): boolean {
  for (let index = start; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code < 0x30 || code > 0x39) return false;
  }
  return true;
}

/** SP or HTAB. */
export function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09;
}

/** The trimmed elements of a comma-separated list without quoted strings; empty ones are kept. */
export function listElements(value: string): string[] {
  return value.split(',').map(trimBlanks);
}

/** True when a comma-separated list names `token`, which is given in lower case. */
export function listHas(value: string | undefined, token: string): boolean {
  if (value === undefined) return false;
  const lower = value.toLowerCase();
  return lower === token || (lower.includes(token) && listElements(lower).includes(token));
}

/** The text without SP and HTAB at its ends; `String.trim` takes more than HTTP's whitespace. */
export function trimBlanks(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && isBlank(text.charCodeAt(start))) start++;
  while (end > start && isBlank(text.charCodeAt(end - 1))) end--;
  return text.slice(start, end);
}

/** Of the IP-literals only IPv6: no other was ever defined, and zone ids are not for a Host (RFC 6874 §4). */
function isHostName(name: string): boolean {
  if (name.startsWith('[')) return isIpv6(name.slice(1, -1));
  return name !== '' && consistsOf(REG_NAME, name, 0, name.length) && hasWholeEscapes(name);
}

/** @see RFC 3986 §2.1 — pct-encoded */
function hasWholeEscapes(text: string): boolean {
  for (let at = text.indexOf('%'); at >= 0; at = text.indexOf('%', at + 3)) {
    if (at + 3 > text.length || !consistsOf(HEX, text, at + 1, at + 3)) return false;
  }
  return true;
}

/** @see RFC 3986 §3.2.2 — IPv6address */
function isIpv6(text: string): boolean {
  const gap = text.indexOf('::');
  if (gap < 0) return groupsIn(text, true) === 8;
  return groupsIn(text.slice(0, gap), false) + groupsIn(text.slice(gap + 2), true) <= 7;
}

/**
 * Groups of 16 bits in a part of an IPv6 address; `NaN` when one of them is none.
 *
 * @param last true when the part ends the address, where IPv4 may stand for two.
 */
function groupsIn(part: string, last: boolean): number {
  if (part === '') return 0;
  const groups = part.split(':');
  const ipv4 = last && isIpv4(groups.at(-1) ?? '') ? 1 : 0;
  return groups.slice(0, groups.length - ipv4).every(isGroup) ? groups.length + ipv4 : Number.NaN;
}

function isGroup(text: string): boolean {
  return text.length >= 1 && text.length <= 4 && consistsOf(HEX, text, 0, text.length);
}

function isIpv4(text: string): boolean {
  const octets = text.split('.');
  return octets.length === 4 && octets.every((octet) => String(Number(octet) & 0xff) === octet);
}

function isPort(text: string): boolean {
  if (text === '') return true;
  return text.startsWith(':') && text.length <= 6 && isDigits(text, 1) && Number(text.slice(1)) <= 65_535;
}

function consistsOf(table: Uint8Array, text: string, start: number, end: number): boolean {
  for (let index = start; index < end; index++) {
    if (table[text.charCodeAt(index)] !== 1) return false;
  }
  return true;
}

function tableOf(characters: string): Uint8Array {
  const table = new Uint8Array(256);
  for (const character of characters) table[character.charCodeAt(0)] = 1;
  return table;
}
