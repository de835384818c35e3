import type { Format } from './options.ts';

/**
 * Every message is JSON, as text. The types are a promise: nothing checks what the server sends.
 *
 *     connect(url, { ...json<FromServer, ToServer>() })
 */
export function json<In = unknown, Out = unknown>(): Format<In, Out> {
  return {
    encode: (message) => JSON.stringify(message),
    decode: (data) => JSON.parse(typeof data === 'string' ? data : new TextDecoder().decode(data)) as In,
  };
}
