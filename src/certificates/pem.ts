/** One `-----BEGIN …-----` to `-----END …-----` of a text. */
export interface PemBlock {
  /** `CERTIFICATE`, `PRIVATE KEY`, … */
  readonly label: string;
  readonly text: string;
}

const BEGIN = '-----BEGIN ';
const DASHES = '-----';

/** The blocks of a text in their order; what stands between them is a comment. @see RFC 7468 §2 */
export function pemBlocks(text: string): PemBlock[] {
  const blocks: PemBlock[] = [];
  for (let from = text.indexOf(BEGIN); from >= 0; ) {
    const labelEnd = text.indexOf(DASHES, from + BEGIN.length);
    if (labelEnd < 0) break;
    const label = text.slice(from + BEGIN.length, labelEnd);
    const end = `-----END ${label}-----`;
    const at = label.length > 64 ? -1 : text.indexOf(end, labelEnd);
    if (at < 0) break;
    blocks.push({ label, text: `${text.slice(from, at + end.length)}\n` });
    from = text.indexOf(BEGIN, at + end.length);
  }
  return blocks;
}

export function isCertificate({ label }: PemBlock): boolean {
  return label === 'CERTIFICATE' || label === 'X509 CERTIFICATE' || label === 'TRUSTED CERTIFICATE';
}

export function isPrivateKey({ label }: PemBlock): boolean {
  return label.endsWith('PRIVATE KEY');
}

export function isEncrypted({ label, text }: PemBlock): boolean {
  return label === 'ENCRYPTED PRIVATE KEY' || /^Proc-Type: 4,ENCRYPTED\r?$/m.test(text);
}
