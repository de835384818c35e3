import { statSync } from 'node:fs';
import { realpath, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { UsageError } from '../../errors.ts';
import { below, checkedPrefix, type FilePath, readFilePath } from '../../protocol/http/file-path.ts';
import { mediaType } from '../../protocol/http/media-type.ts';
import { Response } from '../../protocol/http/response.ts';
import { plain } from '../http-stage.ts';
import type { HttpData, TcpConnection } from '../tcp-connection.ts';
import { isInside } from './open-file.ts';
import type { Request } from './request.ts';

export interface StaticFilesOptions {
  /** Sent for a directory; false sends none. Default `index.html`. */
  readonly index?: string | false;
  /** Whether names that begin with a dot are served. Default false. */
  readonly dotfiles?: boolean;
  /** Value of Cache-Control, or a function of the path in the URL. Default `no-cache`: kept, and asked for again each time. */
  readonly cacheControl?: string | ((path: string) => string);
  /** Tried in turn behind a name that is not there: `['html']` serves `/about` from `about.html`. */
  readonly extensions?: readonly string[];
  /** What stands in front of the paths in URLs: `/assets`. */
  readonly prefix?: string;
}

/** Answers a request; fits `onMessage` of an HTTP worker and `onRequest`. */
export type StaticFilesHandler = <Context>(
  connection: TcpConnection<HttpData, Context>,
  request: Request,
) => Promise<void>;

/**
 * Serves the files below a directory, and nothing else: no way of writing a path, and no link, leads out of it.
 *
 * @param root relative to the working directory; may be a link that is changed while it is served.
 * @throws {UsageError} it is no directory, or an option cannot be used.
 */
export function staticFiles(root: string, options: StaticFilesOptions = {}): StaticFilesHandler {
  const files = new StaticFiles(resolve(root), options);
  return async (connection, request) => {
    const answer = await files.answer(request);
    if (connection.isOpen) connection.send(answer);
  };
}

class StaticFiles {
  readonly #root: string;
  readonly #options: StaticFilesOptions;
  readonly #prefix: string;

  constructor(root: string, options: StaticFilesOptions) {
    checkRoot(root);
    this.#root = root;
    this.#options = options;
    this.#prefix = checkedPrefix(options.prefix ?? '');
  }

  async answer(request: Request): Promise<Response> {
    const { method, path } = request;
    if (method !== 'GET' && method !== 'HEAD') {
      return plain(405, `${method} is not for files`, { Allow: 'GET, HEAD' });
    }
    const inside = below(this.#prefix, path);
    const asked = inside === undefined ? 404 : readFilePath(inside, this.#options.dotfiles ?? false);
    if (typeof asked === 'number') return refused(asked);
    const root = await realpath(this.#root);
    const found = await this.#find(root, asked);
    if (found === undefined) return refused(404);
    if (found === 'directory') return this.#lead(request);
    return this.#send(root, found, path);
  }

  /** @returns the file, or that a directory was asked for without its slash. */
  async #find(root: string, { names, isDirectory }: FilePath): Promise<string | 'directory' | undefined> {
    const { index = 'index.html', extensions = [] } = this.#options;
    const path = join(root, ...names);
    const kind = await kindOf(root, path);
    if (kind === 'directory') {
      if (index === false) return undefined;
      const page = join(path, index);
      if ((await kindOf(root, page)) !== 'file') return undefined;
      return isDirectory ? page : 'directory';
    }
    if (isDirectory) return undefined;
    if (kind === 'file') return path;
    for (const extension of extensions) {
      const other = `${path}.${extension}`;
      if ((await kindOf(root, other)) === 'file') return other;
    }
    return undefined;
  }

  #lead({ path, queryString }: Request): Response {
    const query = queryString === '' ? '' : `?${queryString}`;
    return plain(301, 'this is a directory', { Location: `${path}/${query}` });
  }

  #send(root: string, file: string, path: string): Response {
    const { cacheControl = 'no-cache' } = this.#options;
    return Response.file(file, {
      root,
      type: mediaType(file),
      headers: {
        'Cache-Control': typeof cacheControl === 'string' ? cacheControl : cacheControl(path),
        'X-Content-Type-Options': 'nosniff',
      },
    });
  }
}

function refused(status: 400 | 404): Response {
  return status === 400 ? plain(400, 'this is no path of a file') : plain(404, 'not found');
}

/** What is there, links followed; what they lead to outside of the root is not there. */
async function kindOf(root: string, path: string): Promise<'file' | 'directory' | undefined> {
  try {
    const real = await realpath(path);
    if (real !== root && !isInside(root, real)) return undefined;
    const found = await stat(real);
    if (found.isDirectory()) return 'directory';
    return found.isFile() ? 'file' : undefined;
  } catch {
    return undefined;
  }
}

function checkRoot(root: string): void {
  if (statSync(root, { throwIfNoEntry: false })?.isDirectory()) return;
  throw new UsageError('E_STATIC_FILES', `${root} is no directory: staticFiles() serves what is below one`);
}
