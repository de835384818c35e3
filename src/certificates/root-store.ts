import { Certificate } from './certificate.ts';

/** Authorities that are trusted without a reason given. */
export interface RootStore {
  /** @param fingerprint as {@link Certificate.fingerprint}. */
  has(fingerprint: string): boolean;
  withSubject(subjectName: string): readonly Certificate[];
}

/** Reading a hundred and more roots takes longer than all the rest: a list that was seen is known. */
const known = new WeakMap<readonly string[], RootStore>();

/** @param roots PEM, one certificate each; what is none is left out. */
export function rootStore(roots: readonly string[]): RootStore {
  const store = known.get(roots) ?? build(roots);
  known.set(roots, store);
  return store;
}

/** Who signed it; of several, one whose time has not run out. */
export function findIn(store: RootStore, signed: Certificate): Certificate | undefined {
  const signers = store.withSubject(signed.issuerName).filter((root) => signed.isSignedBy(root));
  return signers.sort((one, other) => other.notAfter - one.notAfter)[0];
}

function build(roots: readonly string[]): RootStore {
  const fingerprints = new Set<string>();
  const groups = new Map<string, Certificate[]>();
  for (const root of roots.flatMap((pem) => Certificate.read(pem) ?? [])) {
    fingerprints.add(root.fingerprint);
    groups.set(root.subjectName, [...(groups.get(root.subjectName) ?? []), root]);
  }
  return {
    has: (fingerprint) => fingerprints.has(fingerprint),
    withSubject: (subjectName) => groups.get(subjectName) ?? [],
  };
}
