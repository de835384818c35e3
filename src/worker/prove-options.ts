import { Compression } from '../connection/http/compression.ts';
import { UsageError } from '../errors.ts';
import { callbackOfFetch } from './fetch/fetch-handler.ts';
import type { WorkerOptions } from './options.ts';
import { proveSocketWords } from './socket-words.ts';

/** Their messages are requests, or bytes that mean nothing by themselves. */
const WITHOUT_FORM: readonly string[] = ['http', 'tcp', 'frame', 'udp'];

/**
 * Looks at options while the script still runs that gives them.
 *
 * @param protocol what is spoken; `undefined` without an address.
 * @throws {UsageError} one cannot be used, or does not go with the others.
 */
export function proveOptions(options: WorkerOptions, protocol: string | undefined): void {
  proveSocketWords(options.socket ?? {});
  if (options.compress) compressionOf(options);
  if (options.fetch) callbackOfFetch(options, protocol);
  if (options.message) proveSchema(options, protocol ?? 'websocket');
}

/** @throws {UsageError} a word of `compress` is unknown or cannot be used. */
export function compressionOf({ compress }: WorkerOptions): Compression | undefined {
  return compress ? new Compression(compress === true ? {} : compress) : undefined;
}

function proveSchema({ message, accept }: WorkerOptions, protocol: string): void {
  if (typeof message?.['~standard']?.validate !== 'function')
    throw new UsageError(
      'E_SCHEMA',
      'the option message takes a schema: of zod, valibot, arktype or another library that keeps to Standard Schema',
    );
  if (WITHOUT_FORM.includes(protocol))
    throw new UsageError(
      'E_SCHEMA',
      `the option message goes with websocket://, text:// and protocols of yours, not with ${protocol}://`,
    );
  if (accept !== undefined && accept !== 'text')
    throw new UsageError('E_SCHEMA', `the option message takes text; accept: '${accept}' contradicts it`);
}
