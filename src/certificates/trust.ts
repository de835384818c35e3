import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { chmod, mkdir, readlink, unlink, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { basename, join } from 'node:path';
import process from 'node:process';
import { SystemError, UsageError } from '../errors.ts';
import { findProgram, type Outcome, runProgram } from '../programs.ts';
import { Certificate } from './certificate.ts';

const SYSTEM_FOLDER = '/usr/local/share/ca-certificates';
/** Where Debian links to each, by its name and by its hash. */
const LINKS = '/etc/ssl/certs';
/** Debian reads every certificate of the system anew: seconds. */
const UPDATE_TIMEOUT = 120;

/** A place where authorities are trusted, and what was done there. */
export interface TrustResult {
  /** Who asks there: `Chromium and Chrome`. */
  readonly who: string;
  readonly where: string;
  readonly outcome: 'installed' | 'was installed' | 'removed' | 'was not there';
}

/** A place where it could not be done, with what to do instead. */
export interface TrustFailure {
  readonly who: string;
  readonly where: string;
  readonly problem: string;
}

interface Store {
  readonly who: string;
  readonly where: string;
  install(ca: Certificate, caFile: string): Promise<TrustResult['outcome']>;
  remove(ca: Certificate): Promise<TrustResult['outcome']>;
}

/**
 * Has this user's Chromium and the system trust an authority, on Linux.
 *
 * @param caFile its certificate, PEM.
 * @returns a result for each of the two places: one that fails does not keep the other from it.
 * @throws {UsageError} this is not Linux.
 */
export async function installTrust(caFile: string): Promise<(TrustResult | TrustFailure)[]> {
  if (process.platform !== 'linux') {
    throw new UsageError(
      'E_PLATFORM',
      '--install is for Linux; usta cert dev tells how it is done elsewhere',
    );
  }
  const ca = new Certificate(readFileSync(caFile, 'utf8'));
  return inEach((store) => store.install(ca, caFile));
}

/**
 * Takes back what `installTrust` did, and touches nothing else.
 *
 * @param authorities PEM.
 */
export async function removeTrust(authorities: readonly string[]): Promise<(TrustResult | TrustFailure)[]> {
  return inEach(async (store) => {
    const outcomes: TrustResult['outcome'][] = [];
    for (const ca of authorities) outcomes.push(await store.remove(new Certificate(ca)));
    return outcomes.includes('removed') ? 'removed' : 'was not there';
  });
}

async function inEach(
  act: (store: Store) => Promise<TrustResult['outcome']>,
): Promise<(TrustResult | TrustFailure)[]> {
  const results: (TrustResult | TrustFailure)[] = [];
  for (const store of [browserStore(), systemStore()]) {
    const { who, where } = store;
    try {
      results.push({ who, where, outcome: await act(store) });
    } catch (error) {
      results.push({ who, where, problem: (error as Error).message });
    }
  }
  return results;
}

/** The database of Chromium and everything else that asks NSS for this user. */
function browserStore(): Store {
  const folder = join(homedir(), '.pki', 'nssdb');
  const certutil = (...words: string[]): Promise<Outcome> => {
    if (findProgram('certutil') === undefined) {
      throw new SystemError(
        'E_NO_PROGRAM',
        'certutil is not installed; as root: apt-get install libnss3-tools',
      );
    }
    return runProgram('certutil', ['-d', `sql:${folder}`, ...words]);
  };
  const holds = async (ca: Certificate): Promise<boolean> => {
    const { exitCode, output } = await certutil('-L', '-n', nickname(ca), '-a');
    return exitCode === 0 && Certificate.read(output)?.fingerprint === ca.fingerprint;
  };
  return {
    who: 'Chromium and Chrome of this user',
    where: folder,
    async install(ca, caFile) {
      if (!existsSync(join(folder, 'cert9.db'))) {
        await mkdir(folder, { recursive: true, mode: 0o700 });
        proved(await certutil('-N', '--empty-password'));
      } else if (await holds(ca)) return 'was installed';
      proved(await certutil('-A', '-t', 'C,,', '-n', nickname(ca), '-i', caFile));
      return 'installed';
    },
    async remove(ca) {
      if (!existsSync(join(folder, 'cert9.db')) || !(await holds(ca))) return 'was not there';
      proved(await certutil('-D', '-n', nickname(ca)));
      return 'removed';
    },
  };
}

/** Debian's: curl, wget, git, Python, PHP and what else takes OpenSSL's authorities. */
function systemStore(): Store {
  const update = async (): Promise<void> =>
    proved(await runProgram('update-ca-certificates', [], { timeout: UPDATE_TIMEOUT }));
  return {
    who: 'programs of this system',
    where: SYSTEM_FOLDER,
    async install(ca, caFile) {
      const file = systemFile(ca);
      if (isThere(file, ca) && existsSync(linkTo(file))) return 'was installed';
      proveDebian();
      const copy = `sudo install -m 644 ${quoted(caFile)} ${file} && sudo update-ca-certificates`;
      await asRoot(copy, async () => {
        await writeFile(file, ca.pem, { mode: 0o644 });
        await chmod(file, 0o644);
      });
      await update();
      return 'installed';
    },
    async remove(ca) {
      const file = systemFile(ca);
      if (!isThere(file, ca)) return 'was not there';
      await asRoot(`sudo rm ${file} && sudo update-ca-certificates --fresh`, () => unlink(file));
      await unlinkLinks(file);
      await update();
      return 'removed';
    },
  };
}

function proveDebian(): void {
  if (findProgram('update-ca-certificates') && existsSync(SYSTEM_FOLDER)) return;
  throw new SystemError(
    'E_NO_PROGRAM',
    'update-ca-certificates is not installed; on Debian, as root: apt-get install ca-certificates',
  );
}

/** Links to what is gone now, by name and by hash: without `--fresh`, which touches others, they would stay. */
async function unlinkLinks(file: string): Promise<void> {
  const own = basename(linkTo(file));
  for (const name of readdirSync(LINKS)) {
    const target = await readlink(join(LINKS, name)).catch(() => undefined);
    if (target === file || target === own) await unlink(join(LINKS, name));
  }
}

function linkTo(file: string): string {
  return join(LINKS, `${basename(file, '.crt')}.pem`);
}

async function asRoot(command: string, act: () => Promise<void>): Promise<void> {
  try {
    await act();
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    if (code !== 'EACCES' && code !== 'EPERM') throw cause;
    throw new SystemError(code, `only root may; type: ${command}`, { cause: message });
  }
}

function proved({ exitCode, output, errors, timedOut }: Outcome): void {
  if (exitCode === 0) return;
  const said = errors.trim() || output.trim() || `exit status ${exitCode}`;
  throw new SystemError('E_PROGRAM', timedOut ? 'it took too long' : (said.split('\n').at(-1) ?? said));
}

/** Ours alone: nobody else's certificate has this name. */
function nickname(ca: Certificate): string {
  return `usta development CA ${digits(ca)}`;
}

function systemFile(ca: Certificate): string {
  return join(SYSTEM_FOLDER, `usta-development-${digits(ca)}.crt`);
}

function digits({ fingerprint }: Certificate): string {
  return fingerprint.replaceAll(':', '').slice(0, 16).toLowerCase();
}

function isThere(file: string, ca: Certificate): boolean {
  return existsSync(file) && Certificate.read(readFileSync(file))?.fingerprint === ca.fingerprint;
}

function quoted(path: string): string {
  return /^[\w./-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;
}
