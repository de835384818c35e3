import { UsageError } from '../../errors.ts';

/** What no name of a file here holds: separators, also Windows', its drives and streams, control characters. */
const FORBIDDEN = /[/\\:*?"<>|\p{Cc}]/u;
/** Windows takes these for other files, or for devices. */
const FOREIGN = /[. ]$|^(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$)(?:\..*)?$/i;

/** A path below a root, in names that lead nowhere but down. */
export interface FilePath {
  readonly names: readonly string[];
  /** It ends with a slash. */
  readonly isDirectory: boolean;
}

/**
 * Reads the path of a request as one of files. It is decoded once; what a second decoding, another separator or
 * another system could understand differently is refused.
 *
 * @param path as it was sent, escapes kept.
 * @param dotfiles whether names may begin with a dot.
 * @returns 400 for what cannot be a path, 404 for what is not served.
 */
export function readFilePath(path: string, dotfiles: boolean): FilePath | 400 | 404 {
  if (!path.startsWith('/')) return 400;
  const parts = path.slice(1).split('/');
  const isDirectory = parts.at(-1) === '';
  if (isDirectory) parts.pop();
  const names: string[] = [];
  for (const part of parts) {
    const name = decoded(part);
    if (name === undefined || FORBIDDEN.test(name) || name === '.' || name === '..') return 400;
    if (name === '' || FOREIGN.test(name) || (name.startsWith('.') && !dotfiles)) return 404;
    names.push(name);
  }
  return { names, isDirectory };
}

/** What is left of a path below a prefix such as `/assets`; `undefined` when it is elsewhere. */
export function below(prefix: string, path: string): string | undefined {
  if (prefix === '') return path;
  if (path === prefix) return '/';
  return path.startsWith(`${prefix}/`) ? path.slice(prefix.length) : undefined;
}

/** @throws {UsageError} it does not begin with a slash, or ends with one. */
export function checkedPrefix(prefix: string): string {
  if (prefix === '' || /^\/[^?#]*[^/?#]$/.test(prefix)) return prefix;
  throw new UsageError('E_STATIC_FILES', `a prefix is written /assets, not ${JSON.stringify(prefix)}`);
}

function decoded(part: string): string | undefined {
  try {
    return decodeURIComponent(part);
  } catch {
    return undefined;
  }
}
