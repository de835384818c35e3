/** What a request can do that takes time, and files: above the protocol, which knows neither. */
import { Request } from '../protocol/http/request.ts';
import { resolveUploadLimits, type UploadLimits } from './limits.ts';
import type { Part } from './part.ts';
import { partsOf } from './parts.ts';
import { receiveUpload, type Upload, type UploadOptions } from './upload.ts';

declare module '../protocol/http/request.ts' {
  interface Request {
    /**
     * The parts of a `multipart/form-data` body, one after the other, read no faster than they are used.
     *
     * @throws {HttpProtocolError} 415: another type; 413: over a limit; 400: malformed.
     */
    parts(limits?: UploadLimits): AsyncGenerator<Part, void, undefined>;
    /**
     * A whole `multipart/form-data` body; its files are in temporary files, which are removed when the request was
     * answered or its connection closed. `moveTo` keeps one.
     *
     * @throws {HttpProtocolError} as `parts`. @throws {SystemError} a file cannot be written.
     */
    multipart(options?: UploadOptions): Promise<Upload>;
  }
}

Request.prototype.parts = function (limits = {}) {
  return partsOf(this, resolveUploadLimits(limits));
};

Request.prototype.multipart = function (options) {
  return receiveUpload(this, options);
};
