import { resolve } from 'node:path';
import { type ChainFinding, examineChain } from '../../certificates/chain.ts';
import { checkCertificate } from '../../certificates/check.ts';
import type { CertificateCode, CertificateFinding } from '../../certificates/findings.ts';
import { type Code, finding } from '../catalogue.ts';
import type { Finding, Sentence } from '../finding.ts';
import type { Step } from './step.ts';

export interface CertificateFiles {
  readonly certificate: string;
  /** Where the certificate's own file does not hold it; without any key only the certificate is judged. */
  readonly key?: string | undefined;
}

/** Would a server start with these files, and would clients believe them? */
export function certificateStep(files: CertificateFiles): Step {
  return {
    name: { en: 'certificate', tr: 'sertifika' },
    async examine() {
      const path = resolve(files.certificate);
      const { findings, chain } = checkCertificate(
        { local_cert: path, ...(files.key === undefined ? {} : { local_pk: resolve(files.key) }) },
        { filesOnly: true },
      );
      const inFiles = findings.filter(({ code }) => code in FILE_CODES);
      const inChain = chain.length === 0 ? [] : examineChain(chain.map(({ der }) => der));
      return {
        findings: [...inFiles.map(fromFile), ...inChain.map((one) => fromChain(path, one))],
        ...(chain.length === 0 ? {} : { note: shown(chain.length) }),
      };
    },
  };
}

/** What is said of files rather than of chains, and what it is in Turkish. */
const FILE_CODES: Readonly<Partial<Record<CertificateCode, string>>> = {
  'no-certificate': 'sertifika verilmedi',
  'file-missing': 'dosya yok',
  'file-unreadable': 'dosyayı bu kullanıcı okuyamıyor',
  'file-not-regular': 'bu bir dosya değil',
  'file-too-large': 'dosya 1 MiB sınırından büyük',
  der: 'PEM değil, DER biçiminde',
  pkcs12: 'PEM değil, PKCS #12 arşivi',
  'not-pem': 'dosyada PEM biçiminde sertifika yok',
  damaged: 'sertifika bozuk',
  swapped: 'sertifika ile anahtar dosyaları yer değiştirmiş',
  'no-key': 'dosyada PEM biçiminde özel anahtar yok',
  'key-encrypted': 'anahtar şifreli, parolası verilmemiş',
  'wrong-passphrase': 'anahtar şifreli, parolası yanlış',
  'key-damaged': 'anahtar bozuk',
  'key-mismatch': 'anahtar bu sertifikanın anahtarı değil',
  refused: 'OpenSSL bunu kabul etmiyor',
  empty: 'dosya boş',
  'key-open': 'özel anahtarı herkes okuyabiliyor',
};

function fromFile({ code, severity, cause, remedy }: CertificateFinding): Finding {
  return {
    code: `certificate-${code}`,
    severity,
    cause: { en: cause, tr: `${FILE_CODES[code]} (${cause})` },
    remedy: remedy === '' ? CORRECT : { en: remedy, tr: remedy },
  };
}

const CORRECT: Sentence = { en: 'correct the name of the file', tr: 'dosya adını düzeltin' };

/** As the doctor says it of a chain that was sent, with the file in front. */
function fromChain(path: string, { code, severity, subject, detail }: ChainFinding): Finding {
  const values = { subject, name: '', names: '', url: '', ...detail };
  const { cause, remedy, ...found } = finding(CHAIN_CODES[code], values);
  return { ...found, severity, cause: { en: `${path}: ${cause.en}`, tr: `${path}: ${cause.tr}` }, remedy };
}

const CHAIN_CODES: Readonly<Record<ChainFinding['code'], Code>> = {
  incomplete: 'certificate-chain-incomplete',
  'wrong-order': 'certificate-chain-order',
  expired: 'certificate-expired',
  'not-yet-valid': 'certificate-not-yet-valid',
  'expires-soon': 'certificate-expires-soon',
  'wrong-name': 'certificate-wrong-name',
  'self-signed': 'certificate-self-signed',
  'unknown-authority': 'certificate-unknown-authority',
  'weak-key': 'certificate-weak-key',
  'weak-signature': 'certificate-weak-signature',
  'not-a-server-certificate': 'certificate-not-for-servers',
};

function shown(count: number): Sentence {
  return { en: `${count} in the file`, tr: `dosyada ${count} tane` };
}
