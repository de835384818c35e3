import type { X509Certificate } from 'node:crypto';
import { location } from './account.ts';
import { AcmeError } from './acme-error.ts';
import { certificateRequest, type KeyType, newCertificateKey } from './certificate-request.ts';
import { certificatesIn, chainText, checkChain, type Expected, endsWith } from './chain.ts';
import type { ChallengeAnswer, ChallengeType } from './challenges.ts';
import { type Authorization, authorizationIn, type Challenge, type Order, orderIn } from './documents.ts';
import type { Answer } from './exchange.ts';
import { tlsAlpnCertificate } from './self-signed.ts';
import type { AcmeSession } from './session.ts';

export interface Wish {
  readonly domains: readonly string[];
  /** Kinds of proof, the preferred first; the first that the authority offers is used. */
  readonly challenges: readonly ChallengeType[];
  readonly keyType: KeyType;
  readonly preferredChain: string | undefined;
  /** The certificate that this one follows (RFC 9773 §5). */
  readonly replaces: string | undefined;
  /** Resolves when every listener gives these answers, and no others. */
  present(answers: readonly ChallengeAnswer[]): Promise<void> | void;
}

/** A domain that is not proven yet. */
interface Proof {
  readonly url: string;
  readonly domain: string;
  readonly type: ChallengeType;
  readonly challenge: Challenge;
}

const CHAIN_BYTES = 262_144;
const MAX_ALTERNATES = 5;
/** How long the authority may take for one step, in milliseconds. */
const PATIENCE = 300_000;
const LONGEST_PAUSE = 60_000;

/**
 * From order to certificate, on the session's account.
 *
 * @returns chain and key, checked to be fit to be served.
 * @throws {AcmeError} when the authority refuses or a proof fails.
 * @see RFC 8555 §7.4
 */
export async function obtain(session: AcmeSession, wish: Wish): Promise<{ cert: string; key: string }> {
  const { url, order } = await newOrder(session, wish);
  await prove(session, order, wish);
  await settled(session, url, ['pending']);
  const key = await newCertificateKey(wish.keyType);
  await finalize(session, order, certificateRequest(key, wish.domains));
  const { certificate } = await settled(session, url, ['pending', 'ready', 'processing']);
  if (certificate === undefined)
    throw new AcmeError('badAnswer', 'the order is valid but names no certificate');
  return { cert: await download(session, certificate, { ...wish, key }), key };
}

/** Who cannot be told what is replaced can still be asked for a new one. @see RFC 9773 §5 */
async function newOrder(
  session: AcmeSession,
  { domains, replaces }: Wish,
): Promise<{ readonly url: string; readonly order: Order }> {
  const { newOrder: url, renewalInfo } = await session.directory();
  const identifiers = domains.map((value) => ({ type: 'dns', value }));
  const made = (answer: Answer) => ({ url: location(answer), order: orderIn(answer.body) });
  if (replaces !== undefined && renewalInfo !== undefined) {
    try {
      return made(await session.post(url, { identifiers, replaces }));
    } catch (error) {
      const status = error instanceof AcmeError ? (error.status ?? 0) : 0;
      if (status < 400 || status >= 500 || status === 429) throw error;
    }
  }
  return made(await session.post(url, { identifiers }));
}

/** @see RFC 8555 §7.5 */
async function prove(session: AcmeSession, order: Order, wish: Wish): Promise<void> {
  const proofs: Proof[] = [];
  for (const url of order.authorizations) {
    const authorization = authorizationIn((await session.post(url, undefined)).body);
    if (authorization.status !== 'valid') proofs.push(proofFor(url, authorization, wish));
  }
  if (proofs.length === 0) return;
  try {
    await wish.present(proofs.map((proof) => answerFor(session, proof)));
    for (const { challenge } of proofs) await session.post(challenge.url, {});
    await judged(session, proofs);
  } finally {
    await wish.present([]);
  }
}

function proofFor(url: string, { status, domain, challenges }: Authorization, wish: Wish): Proof {
  if (status !== 'pending') {
    throw new AcmeError(
      'unauthorized',
      `the authority holds ${domain} for ${status} before it was asked to prove it`,
    );
  }
  if (!wish.domains.includes(domain))
    throw new AcmeError('badAnswer', `the authority asks for a proof of ${domain}`);
  for (const type of wish.challenges) {
    const challenge = challenges.find((one) => one.type === type);
    if (challenge) return { url, domain, type, challenge };
  }
  const offered = challenges.map(({ type }) => type).join(', ') || 'none';
  throw new AcmeError(
    'noChallenge',
    `the authority offers ${offered} for ${domain}, not ${wish.challenges.join(' or ')}`,
  );
}

function answerFor(session: AcmeSession, { domain, type, challenge }: Proof): ChallengeAnswer {
  const keyAuthorization = session.key.authorization(challenge.token);
  return type === 'http-01'
    ? { type, domain, token: challenge.token, keyAuthorization }
    : { type, domain, ...tlsAlpnCertificate(domain, keyAuthorization, session.clock.now()) };
}

/** Waits for all, so that one line tells of every domain that failed. */
async function judged(session: AcmeSession, proofs: readonly Proof[]): Promise<void> {
  const failures: AcmeError[] = [];
  for (const proof of proofs) {
    const failure = failureOf(proof, await verdict(session, proof));
    if (failure) failures.push(failure);
  }
  const [first] = failures;
  if (!first) return;
  if (failures.length === 1) throw first;
  throw new AcmeError(
    first.problem,
    `${failures.length} of ${proofs.length} domains failed, the first: ${first.what}`,
  );
}

function verdict(session: AcmeSession, { url, domain }: Proof): Promise<Authorization> {
  return until(session, { url, what: `the proof of ${domain}` }, ({ body }) => {
    const authorization = authorizationIn(body);
    return authorization.status === 'pending' ? undefined : authorization;
  });
}

function failureOf({ domain, type }: Proof, { status, challenges }: Authorization): AcmeError | undefined {
  if (status === 'valid') return undefined;
  const problem = challenges.find((one) => one.type === type)?.problem;
  const why = problem ? `(${problem.word}): ${problem.text}` : `: it is ${status}`;
  return new AcmeError(problem?.word ?? 'unauthorized', `the proof of ${domain} by ${type} failed ${why}`);
}

/** An order that was finalized twice, because an answer was lost on the way, goes on all the same. */
async function finalize(session: AcmeSession, order: Order, request: Buffer): Promise<void> {
  try {
    await session.post(order.finalize, { csr: request.toString('base64url') });
  } catch (error) {
    if (!(error instanceof AcmeError) || error.problem !== 'orderNotReady') throw error;
  }
}

/** @param passing states that are waited out. */
function settled(session: AcmeSession, url: string, passing: readonly string[]): Promise<Order> {
  return until(session, { url, what: 'the order' }, ({ body }) => {
    const order = orderIn(body);
    if (passing.includes(order.status)) return undefined;
    if (order.status !== 'invalid') return order;
    const why = order.problem ? ` (${order.problem.word}): ${order.problem.text}` : '';
    throw new AcmeError(order.problem?.word ?? 'unauthorized', `the authority gave the order up${why}`);
  });
}

/** Asks until there is an outcome, as often as the authority likes. @see RFC 8555 §7.5.1 */
async function until<T>(
  session: AcmeSession,
  { url, what }: { readonly url: string; readonly what: string },
  outcome: (answer: Answer) => T | undefined,
): Promise<T> {
  const end = session.clock.now() + PATIENCE;
  for (let pause = 500; ; pause = Math.min(10_000, pause * 1.5)) {
    const answer = await session.post(url, undefined);
    const found = outcome(answer);
    if (found !== undefined) return found;
    if (session.clock.now() >= end) {
      throw new AcmeError(
        'timedOut',
        `the authority did not settle ${what} within ${PATIENCE / 60_000} minutes`,
      );
    }
    const asked = Math.min(LONGEST_PAUSE, session.retryAfter(answer.headers) ?? 0);
    await session.wait(Math.max(pause, asked));
  }
}

/** The authority's first chain must be fit; of the alternates only the wanted one is looked at. @see RFC 8555 §7.4.2 */
async function download(
  session: AcmeSession,
  url: string,
  wish: Wish & { readonly key: string },
): Promise<string> {
  const expected = { key: wish.key, domains: wish.domains, now: session.clock.now() };
  const answer = await session.post(url, undefined, { maxBytes: CHAIN_BYTES });
  const first = certificatesIn(answer.body.toString('latin1'));
  checkChain(first, expected);
  const wanted = wish.preferredChain;
  if (wanted === undefined || endsWith(first, wanted)) return chainText(first);
  for (const alternate of alternatesIn(answer).slice(0, MAX_ALTERNATES)) {
    const chain = await fitAlternate(session, alternate, expected);
    if (chain && endsWith(chain, wanted)) return chainText(chain);
  }
  return chainText(first);
}

async function fitAlternate(
  session: AcmeSession,
  url: string,
  expected: Expected,
): Promise<X509Certificate[] | undefined> {
  try {
    const { body } = await session.post(url, undefined, { maxBytes: CHAIN_BYTES });
    const chain = certificatesIn(body.toString('latin1'));
    checkChain(chain, expected);
    return chain;
  } catch (error) {
    if (error instanceof AcmeError) return undefined;
    throw error;
  }
}

function alternatesIn({ headers }: Answer): string[] {
  const links = [headers.link ?? []].flat().join(', ').slice(0, 8192);
  return [...links.matchAll(/<([^<>]{1,2048})>([^<]*)/g)]
    .filter(([, , parameters = '']) => /;\s*rel="?alternate"?/i.test(parameters))
    .map(([, url = '']) => url)
    .filter((url) => URL.canParse(url));
}
