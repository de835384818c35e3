import { join } from 'node:path';
import { answeringOf, connectionOf } from '../connection/answering.ts';
import { SystemError } from '../errors.ts';
import type { Request } from '../protocol/http/request.ts';
import { UploadDirectory } from './directory.ts';
import { resolveUploadLimits, type UploadLimits } from './limits.ts';
import { partsOf } from './parts.ts';
import { UploadedFile } from './uploaded-file.ts';

export interface UploadOptions extends UploadLimits {
  /** Where temporary files are written. By default the system's place for them. */
  readonly uploadDirectory?: string;
}

/** A form with files: what it said, and what it brought. */
export class Upload {
  /** What is no file. */
  readonly fields: URLSearchParams;
  readonly files: readonly UploadedFile[];
  readonly #remove: () => Promise<void>;

  constructor(fields: URLSearchParams, files: readonly UploadedFile[], remove: () => Promise<void>) {
    this.fields = fields;
    this.files = files;
    this.#remove = remove;
  }

  /** The first file of this field. */
  file(name: string): UploadedFile | undefined {
    return this.files.find((file) => file.name === name);
  }

  /** Removes the files that were not moved. Done by itself when the request was answered or its connection closed. */
  async remove(): Promise<void> {
    await this.#remove();
  }
}

/** Reads a whole form; its files are written as they come and removed when the request was answered. */
export async function receiveUpload(request: Request, options: UploadOptions = {}): Promise<Upload> {
  const limits = resolveUploadLimits(options, ['uploadDirectory']);
  const place = new Place(request, options.uploadDirectory);
  const fields = new URLSearchParams();
  const files: UploadedFile[] = [];
  try {
    for await (const part of partsOf(request, limits)) {
      if (!part.isFile) {
        fields.append(part.name, await part.text());
        continue;
      }
      const file = await UploadedFile.receive(part, await place.next());
      // A form in which no file was chosen sends one without name and bytes.
      if (file.size > 0 || file.filename !== '') files.push(file);
    }
  } catch (error) {
    await place.remove();
    throw error;
  }
  return new Upload(fields, files, () => place.remove());
}

/** Where the files of one upload go; made when there is one. */
class Place {
  readonly #request: Request;
  readonly #parent: string | undefined;
  #directory: UploadDirectory | undefined;
  #count = 0;

  constructor(request: Request, parent: string | undefined) {
    this.#request = request;
    this.#parent = parent;
  }

  async next(): Promise<string> {
    this.#directory ??= await this.#make();
    return join(this.#directory.path, String(++this.#count));
  }

  async remove(): Promise<void> {
    await this.#directory?.remove();
  }

  async #make(): Promise<UploadDirectory> {
    const directory = await UploadDirectory.make(this.#parent);
    const answering = answeringOf(this.#request);
    if (answering) {
      answering.afterAnswer(() => void directory.remove());
    } else if (connectionOf(this.#request)) {
      await directory.remove();
      throw new SystemError(
        'E_UPLOAD_OVER',
        'files of a request that was answered, or whose connection closed, are not kept',
      );
    }
    return directory;
  }
}
