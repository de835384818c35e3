import { UsageError } from '../errors.ts';
import type { WorkerOptions } from './options.ts';

/** Their messages are requests, or bytes that mean nothing by themselves. */
const WITHOUT: readonly string[] = ['http', 'tcp', 'frame', 'udp'];

/**
 * Looks at the option `message`.
 *
 * @param protocol what is spoken; `undefined` without an address.
 * @throws {UsageError} it is no schema, or does not go with what is spoken.
 */
export function proveSchema({ message, accept }: WorkerOptions, protocol: string = 'websocket'): void {
  if (message === undefined) return;
  if (typeof message['~standard']?.validate !== 'function')
    throw new UsageError(
      'E_SCHEMA',
      'the option message takes a schema: of zod, valibot, arktype or another library that keeps to Standard Schema',
    );
  if (WITHOUT.includes(protocol))
    throw new UsageError(
      'E_SCHEMA',
      `the option message goes with websocket://, text:// and protocols of yours, not with ${protocol}://`,
    );
  if (accept !== undefined && accept !== 'text')
    throw new UsageError('E_SCHEMA', `the option message takes text; accept: '${accept}' contradicts it`);
}
