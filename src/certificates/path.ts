import type { Certificate } from './certificate.ts';
import { findIn, type RootStore } from './root-store.ts';

/** From the server's certificate upwards. */
export interface Path {
  /**
   * What was sent of it, the server's own first. A trusted root is left out, even if it was sent, unless
   * its time has run out.
   */
  readonly links: readonly Certificate[];
  /** The trusted authority that it ends at. */
  readonly authority: Certificate | undefined;
}

/**
 * The way from the server's certificate to a trusted authority, through what was sent in whatever order.
 * Each certificate is tried as an issuer at most once.
 *
 * @param now milliseconds since 1970.
 */
export function findPath(sent: readonly Certificate[], store: RootStore, now: number): Path {
  const leaf = leafOf(sent);
  if (leaf === undefined) return { links: [], authority: undefined };
  const untried = bySubject(sent.filter((one) => one !== leaf && one.isAuthority));
  const links = [leaf];
  for (let last = leaf; ; ) {
    if (store.has(last.fingerprint)) return { links: withoutRoot(links, now), authority: last };
    const root = findIn(store, last);
    if (root && now <= root.notAfter) return { links, authority: root };
    const issuer = last.isSelfSigned ? undefined : takeIssuer(untried, last);
    if (issuer === undefined) return { links: root ? [...links, root] : links, authority: root };
    links.push(issuer);
    last = issuer;
  }
}

/** The first; but where an authority comes first, the first that an authority among them has named. */
function leafOf(sent: readonly Certificate[]): Certificate | undefined {
  const [first] = sent;
  if (first?.isAuthority !== true) return first;
  const authorities = new Set(sent.filter((one) => one.isAuthority).map((one) => one.subjectName));
  return sent.find((one) => !one.isAuthority && authorities.has(one.issuerName)) ?? first;
}

/** Trusted for itself: only its time can run out. */
function withoutRoot(links: readonly Certificate[], now: number): readonly Certificate[] {
  const root = links.at(-1);
  return links.length > 1 && root && now <= root.notAfter ? links.slice(0, -1) : links;
}

function bySubject(certificates: readonly Certificate[]): Map<string, Certificate[]> {
  const groups = new Map<string, Certificate[]>();
  for (const one of certificates) {
    const group = groups.get(one.subjectName);
    if (group) group.push(one);
    else groups.set(one.subjectName, [one]);
  }
  for (const group of groups.values()) group.reverse();
  return groups;
}

/** Who was tried is not tried again, whatever came of it. */
function takeIssuer(untried: Map<string, Certificate[]>, of: Certificate): Certificate | undefined {
  const candidates = untried.get(of.issuerName);
  for (let one = candidates?.pop(); one; one = candidates?.pop()) if (of.isSignedBy(one)) return one;
  return undefined;
}
