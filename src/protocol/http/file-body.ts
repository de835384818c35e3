import { UsageError } from '../../errors.ts';

/** A body that is read from a file when the response is sent. */
export interface FileBody {
  readonly path: string;
  /** Bytes of it that are left out in front. */
  readonly offset: number;
  /** Bytes that are sent at most; 0: to its end. */
  readonly length: number;
  /** The directory that it must not leave, links included, by its real path. */
  readonly root?: string;
}

/** @throws {UsageError} */
export function checkedFile(path: string, offset: number, length: number, root?: string): FileBody {
  if (typeof path !== 'string' || path === '' || path.includes('\0')) {
    throw new UsageError('E_HTTP_FILE', 'a file is named by its path: text, not empty, without NUL');
  }
  for (const [name, value] of [
    ['offset', offset],
    ['length', length],
  ] as const) {
    if (Number.isSafeInteger(value) && value >= 0) continue;
    throw new UsageError('E_HTTP_FILE', `${name} is a whole number of bytes, not ${value}`);
  }
  return { path, offset, length, ...(root === undefined ? {} : { root }) };
}
