import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import process from 'node:process';
import { domainToASCII } from 'node:url';
import { UsageError } from '../../errors.ts';
import { nearest } from '../../nearest.ts';
import type { KeyType } from './certificate-request.ts';
import { CHALLENGE_TYPES, type ChallengeType } from './challenges.ts';
import type { ExternalAccountBinding } from './jws.ts';

/** Certificates of a public authority, gotten and renewed by the server itself. */
export interface AcmeOptions {
  /** The names of the certificate. No wildcards, no addresses. */
  readonly domains: readonly string[];
  /** Where the authority may write to you. */
  readonly email?: string;
  /** That you have read the authority's terms of service and agree. */
  readonly agree: boolean;
  /** `production` and `staging` are Let's Encrypt's; or the URL of another ACME directory. Default `production`. */
  readonly directory?: string;
  /** The root that vouches for the directory's own https, when it is not a public one: PEM text or a file. */
  readonly directoryRoot?: string;
  /** For authorities that want an account on their website first. */
  readonly externalAccountBinding?: ExternalAccountBinding;
  /** Kinds of proof to use, the preferred first. Default `['tls-alpn-01', 'http-01']`. */
  readonly challenge?: ChallengeType | readonly ChallengeType[];
  /** Where account, keys and certificates are kept; `USTA_ACME_DIRECTORY`, else `usta/acme` in the user's data directory. */
  readonly storage?: string;
  /** Default `ecdsa` (P-256); `rsa` has 2048 bits. */
  readonly keyType?: KeyType;
  /** Of several chains, the one whose last issuer's name contains this. Default: the authority's first. */
  readonly preferredChain?: string;
  /** Alarm when fewer days are left. Default: a sixth of the certificate's life, at most 14. */
  readonly alarmDays?: number;
}

/** Options checked, defaults filled in. */
export interface AcmeSettings {
  readonly domains: readonly string[];
  readonly email: string | undefined;
  readonly directory: string;
  /** PEM text. */
  readonly directoryRoot: string | undefined;
  readonly externalAccountBinding: ExternalAccountBinding | undefined;
  readonly challenges: readonly ChallengeType[];
  readonly storage: string;
  readonly keyType: KeyType;
  readonly preferredChain: string | undefined;
  readonly alarmDays: number | undefined;
}

const KNOWN: readonly (keyof AcmeOptions)[] = [
  'domains',
  'email',
  'agree',
  'directory',
  'directoryRoot',
  'externalAccountBinding',
  'challenge',
  'storage',
  'keyType',
  'preferredChain',
  'alarmDays',
];

const DIRECTORIES: Readonly<Record<string, string>> = {
  production: 'https://acme-v02.api.letsencrypt.org/directory',
  staging: 'https://acme-staging-v02.api.letsencrypt.org/directory',
};

/** Names in one certificate, as Let's Encrypt allows. */
const MAX_DOMAINS = 100;

/** Names that no public authority knows. @see RFC 6761, RFC 6762, RFC 8375, RFC 9476 */
const PRIVATE = /(^|\.)(localhost|local|internal|test|example|invalid|alt|onion|home\.arpa)$/;

/**
 * Checks what was given, before anything is asked of anybody.
 *
 * @throws {UsageError} one line: which option, what is wrong with it, what to do.
 */
export function acmeSettings(options: AcmeOptions): AcmeSettings {
  for (const key of Object.keys(options)) if (!KNOWN.includes(key as keyof AcmeOptions)) throw unknown(key);
  const directory = directoryUrl(options.directory ?? 'production');
  const ownDirectory = !Object.values(DIRECTORIES).includes(directory);
  if (options.agree !== true) {
    const whose = ownDirectory
      ? `of ${new URL(directory).host}`
      : "of Let's Encrypt (https://letsencrypt.org/repository/)";
    throw refused('AGREE', 'agree', `read the terms of service ${whose} and set agree: true`);
  }
  return {
    domains: domainsOf(options.domains, ownDirectory),
    email: emailOf(options.email),
    directory,
    directoryRoot: options.directoryRoot === undefined ? undefined : rootOf(options.directoryRoot),
    externalAccountBinding: bindingOf(options.externalAccountBinding),
    challenges: challengesOf(options.challenge ?? CHALLENGE_TYPES),
    storage: options.storage === undefined ? defaultStorage() : besideScript(options.storage),
    keyType: keyTypeOf(options.keyType ?? 'ecdsa'),
    preferredChain: options.preferredChain,
    alarmDays: alarmDaysOf(options.alarmDays),
  };
}

function directoryUrl(word: string): string {
  const known = Object.hasOwn(DIRECTORIES, word) ? DIRECTORIES[word] : undefined;
  if (known !== undefined) return known;
  const url = URL.canParse(word) ? new URL(word) : undefined;
  const usable =
    url &&
    !url.username &&
    !url.password &&
    (url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url)));
  if (usable) return url.href;
  const meant = `give 'production', 'staging' or an https URL`;
  throw refused(
    'DIRECTORY',
    'directory',
    `${JSON.stringify(word)} cannot be used; ${meant} (http only on this machine)`,
  );
}

/** True for URLs that never leave this machine. */
export function isLoopback({ hostname }: URL): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d+){3}$/.test(hostname);
}

function domainsOf(domains: unknown, ownDirectory: boolean): string[] {
  if (!Array.isArray(domains) || domains.length === 0) {
    throw refused('DOMAIN', 'domains', "name at least one: domains: ['shop.example.com']");
  }
  const names = [...new Set(domains.map((domain) => domainOf(String(domain), ownDirectory)))];
  if (names.length > MAX_DOMAINS) {
    throw refused(
      'DOMAIN',
      'domains',
      `${names.length} names are too many for one certificate; the limit is ${MAX_DOMAINS}`,
    );
  }
  return names;
}

function domainOf(text: string, ownDirectory: boolean): string {
  const shown = JSON.stringify(text);
  if (text.includes('*')) {
    throw refused(
      'DOMAIN',
      'domains',
      `${shown} needs a proof by DNS, which a server cannot give; name each host`,
    );
  }
  if (/^[\d.]+$|:/.test(text)) {
    throw refused('DOMAIN', 'domains', `${shown} is an address; give the name that leads to it`);
  }
  const name = /[\s/\\?#@%[\]<>^|]/.test(text) ? '' : domainToASCII(text).replace(/\.$/, '');
  if (
    name.length > 253 ||
    !/^([a-z\d]([a-z\d-]{0,61}[a-z\d])?\.)*[a-z\d]([a-z\d-]{0,61}[a-z\d])?$/.test(name)
  ) {
    throw refused('DOMAIN', 'domains', `${shown} is no host name`);
  }
  if (!ownDirectory && (PRIVATE.test(name) || !name.includes('.'))) {
    throw refused('DOMAIN', 'domains', `${shown} is not a public name; for local ones run: usta cert dev`);
  }
  return name;
}

/** @see RFC 8555 §7.3: one address, no parameters */
function emailOf(email: string | undefined): string | undefined {
  if (email === undefined || /^[^\s@,?%&#<>"]{1,64}@[^\s@,?%&#<>"]{1,255}$/.test(email)) return email;
  throw refused('EMAIL', 'email', `${JSON.stringify(email)} is no plain address such as you@example.com`);
}

function rootOf(value: string): string {
  const file = value.includes('-----BEGIN') ? undefined : besideScript(value);
  try {
    const text = file === undefined ? value : readFileSync(file, 'utf8');
    new X509Certificate(text);
    return text;
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    const why =
      code?.startsWith('E') && !code.startsWith('ERR')
        ? `cannot be read (${code})`
        : 'holds no certificate in PEM form';
    throw refused('DIRECTORY_ROOT', 'directoryRoot', `${file ?? 'the PEM text'} ${why}`, { cause });
  }
}

function bindingOf(binding: ExternalAccountBinding | undefined): ExternalAccountBinding | undefined {
  if (binding === undefined) return undefined;
  const hmacKey = binding.hmacKey?.replace(/=+$/, '').replaceAll('+', '-').replaceAll('/', '_') ?? '';
  if (binding.keyId && /^[\w-]{16,}$/.test(hmacKey)) return { keyId: binding.keyId, hmacKey };
  const both = "give keyId and hmacKey (base64url) as the authority's website shows them";
  throw refused('EXTERNAL_ACCOUNT', 'externalAccountBinding', both);
}

function challengesOf(challenge: ChallengeType | readonly ChallengeType[]): ChallengeType[] {
  const wanted = [...new Set([challenge].flat())];
  const unfit = wanted.find((one) => !CHALLENGE_TYPES.includes(one));
  if (wanted.length > 0 && unfit === undefined) return wanted;
  const can = CHALLENGE_TYPES.map((one) => `'${one}'`).join(' and ');
  throw refused('CHALLENGE', 'challenge', `${JSON.stringify(unfit ?? [])} cannot be used; there are ${can}`);
}

function keyTypeOf(type: KeyType): KeyType {
  if (type === 'ecdsa' || type === 'rsa') return type;
  throw refused('KEY_TYPE', 'keyType', `${JSON.stringify(type)} is not there; give 'ecdsa' or 'rsa'`);
}

function alarmDaysOf(days: number | undefined): number | undefined {
  if (days === undefined || days > 0) return days;
  throw refused('ALARM_DAYS', 'alarmDays', 'must be above 0 days');
}

function besideScript(path: string): string {
  return resolve(dirname(process.argv[1] ?? '.'), path);
}

/** @see XDG Base Directory Specification: a relative path is ignored. */
function defaultStorage(): string {
  const { USTA_ACME_DIRECTORY: own, XDG_DATA_HOME: data } = process.env;
  if (own) return resolve(own);
  return join(data && isAbsolute(data) ? data : join(homedir(), '.local', 'share'), 'usta', 'acme');
}

function unknown(key: string): UsageError {
  const close = nearest(key, KNOWN);
  return refused(
    'OPTION',
    key,
    close ? `there is no such option; do you mean ${close}?` : 'there is no such option',
  );
}

function refused(code: string, option: string, why: string, options?: ErrorOptions): UsageError {
  return new UsageError(`E_ACME_${code}`, `acme.${option}: ${why}`, options);
}
