import { UsageError } from '../errors.ts';
import { nearest } from '../nearest.ts';

/** How much a multipart body may bring; what is over is answered 413. */
export interface UploadLimits {
  /** Parts that are no files. Default 128. */
  readonly maxFields?: number;
  /** Bytes of each of them. Default 64 KiB. */
  readonly maxFieldSize?: number;
  /** Default 16. */
  readonly maxFiles?: number;
  /** Bytes of each file. Default 64 MiB. */
  readonly maxFileSize?: number;
  /** Bytes of the whole body. Default 128 MiB. */
  readonly maxSize?: number;
  /** Bytes of the head of a part. Default 8 KiB. */
  readonly maxHeaderSize?: number;
}

const KIB = 1024;
const MIB = 1_048_576;

export const UPLOAD_LIMITS: Readonly<Required<UploadLimits>> = {
  maxFields: 128,
  maxFieldSize: 64 * KIB,
  maxFiles: 16,
  maxFileSize: 64 * MIB,
  maxSize: 128 * MIB,
  maxHeaderSize: 8 * KIB,
};

/**
 * @param others names of options that are not limits.
 * @throws {UsageError} there is no such option, or it is not a number of that kind.
 */
export function resolveUploadLimits(
  options: UploadLimits,
  others: readonly string[] = [],
): Readonly<Required<UploadLimits>> {
  const known = [...Object.keys(UPLOAD_LIMITS), ...others];
  for (const [name, value] of Object.entries(options)) {
    if (!known.includes(name)) throw unknownOption(name, known);
    if (value === undefined || others.includes(name)) continue;
    const isCount = Number.isSafeInteger(value) || value === Number.POSITIVE_INFINITY;
    if (!isCount || value < 0) throw new UsageError('E_UPLOAD', `${name} is a whole number, not ${value}`);
  }
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  return { ...UPLOAD_LIMITS, ...Object.fromEntries(given) };
}

function unknownOption(name: string, known: readonly string[]): UsageError {
  const meant = nearest(name, known);
  const hint = meant === undefined ? `there are ${known.join(', ')}` : `${meant} was meant?`;
  return new UsageError('E_UPLOAD', `there is no option ${name} for uploads; ${hint}`);
}
