import { AcmeError, oneLine } from './acme-error.ts';

/** @see RFC 8555 §7.1.1 */
export interface Directory {
  readonly newNonce: string;
  readonly newAccount: string;
  readonly newOrder: string;
  /** RFC 9773 §3; not every authority has it. */
  readonly renewalInfo: string | undefined;
  readonly externalAccountRequired: boolean;
}

/** Why the authority refused. @see RFC 7807, RFC 8555 §6.7 */
export interface Problem {
  /** The last word of the type. */
  readonly word: string;
  /** One line, printable. */
  readonly text: string;
}

/** @see RFC 8555 §7.1.3 */
export interface Order {
  readonly status: string;
  readonly authorizations: readonly string[];
  readonly finalize: string;
  readonly certificate: string | undefined;
  readonly problem: Problem | undefined;
}

/** @see RFC 8555 §7.1.4 */
export interface Authorization {
  readonly status: string;
  readonly domain: string;
  readonly challenges: readonly Challenge[];
}

/** @see RFC 8555 §8 */
export interface Challenge {
  readonly type: string;
  readonly url: string;
  readonly token: string;
  readonly problem: Problem | undefined;
}

type Fields = Readonly<Record<string, unknown>>;

/** More than these in one document are not looked at. */
const MAX_ITEMS = 200;

export function directoryIn(body: Buffer): Directory {
  const document = fieldsIn(body, 'directory');
  const meta = isFields(document.meta) ? document.meta : {};
  return {
    newNonce: url(document, 'newNonce'),
    newAccount: url(document, 'newAccount'),
    newOrder: url(document, 'newOrder'),
    renewalInfo: document.renewalInfo === undefined ? undefined : url(document, 'renewalInfo'),
    externalAccountRequired: meta.externalAccountRequired === true,
  };
}

export function orderIn(body: Buffer): Order {
  const document = fieldsIn(body, 'order');
  return {
    status: text(document, 'status'),
    authorizations: list(document, 'authorizations').map(urlOf),
    finalize: url(document, 'finalize'),
    certificate: document.certificate === undefined ? undefined : url(document, 'certificate'),
    problem: problemOf(document.error),
  };
}

export function authorizationIn(body: Buffer): Authorization {
  const document = fieldsIn(body, 'authorization');
  const { identifier } = document;
  return {
    status: text(document, 'status'),
    domain: isFields(identifier) ? text(identifier, 'value').toLowerCase() : '',
    challenges: list(document, 'challenges').filter(isFields).filter(isUsable).map(challengeOf),
  };
}

/** @returns the contacts that the authority knows, `undefined` when it does not tell. */
export function contactsIn(body: Buffer): string[] | undefined {
  const { contact } = fieldsIn(body, 'account');
  return Array.isArray(contact) ? contact.map(String) : undefined;
}

/** @returns both ends as the authority wrote them, unchecked. @see RFC 9773 §4.2 */
export function suggestionIn(body: Buffer): { start: string; end: string } {
  const { suggestedWindow } = fieldsIn(body, 'renewalInfo');
  const window = isFields(suggestedWindow) ? suggestedWindow : {};
  return { start: text(window, 'start'), end: text(window, 'end') };
}

/** @returns `undefined` when the body is no problem document. */
export function problemIn(body: Buffer): Problem | undefined {
  try {
    return problemOf(JSON.parse(body.toString('utf8')));
  } catch {
    return undefined;
  }
}

/** Of several subproblems the first names its domain. @see RFC 8555 §6.7.1 */
function problemOf(value: unknown): Problem | undefined {
  if (!isFields(value) || (value.type === undefined && value.detail === undefined)) return undefined;
  const first = Array.isArray(value.subproblems) ? value.subproblems.find(isFields) : undefined;
  const type = first?.type ?? value.type;
  const word = /^urn:ietf:params:acme:error:(\w{1,40})$/.exec(String(type))?.[1] ?? 'other';
  const detail = [value.detail, first?.detail].filter((part) => typeof part === 'string').join(': ');
  return { word, text: oneLine(detail || 'no reason given') };
}

/** A token becomes part of a path and of a signed text. @see RFC 8555 §8.1 */
function isUsable({ type, url: address, token }: Fields): boolean {
  return (
    typeof type === 'string' &&
    typeof address === 'string' &&
    typeof token === 'string' &&
    /^[\w-]{16,512}$/.test(token)
  );
}

function challengeOf(document: Fields): Challenge {
  return {
    type: text(document, 'type'),
    url: url(document, 'url'),
    token: text(document, 'token'),
    problem: problemOf(document.error),
  };
}

function fieldsIn(body: Buffer, kind: string): Fields {
  let document: unknown;
  try {
    document = JSON.parse(body.toString('utf8'));
  } catch (cause) {
    throw new AcmeError('badAnswer', `the authority's ${kind} is not JSON`, { cause });
  }
  if (isFields(document)) return document;
  throw new AcmeError('badAnswer', `the authority's ${kind} is not a JSON object`);
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function list(document: Fields, name: string): unknown[] {
  const value = document[name];
  if (Array.isArray(value)) return value.slice(0, MAX_ITEMS);
  throw new AcmeError('badAnswer', `the authority's answer lacks ${name}`);
}

function text(document: Fields, name: string): string {
  const value = document[name];
  if (typeof value === 'string' && value.length <= 2048) return value;
  throw new AcmeError('badAnswer', `the authority's answer lacks ${name}`);
}

function url(document: Fields, name: string): string {
  return urlOf(text(document, name));
}

/** Whether it may be asked is decided where it is asked. */
function urlOf(value: unknown): string {
  if (typeof value === 'string' && URL.canParse(value)) return new URL(value).href;
  throw new AcmeError(
    'badAnswer',
    `the authority's answer has ${JSON.stringify(String(value).slice(0, 80))} for a URL`,
  );
}
