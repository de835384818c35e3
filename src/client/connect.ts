import type { Client } from './client.ts';
import type { Address } from './link.ts';
import { type ClientOptions, type Format, settingsOf } from './options.ts';
import { ReconnectingClient } from './reconnecting-client.ts';
import { absolute, type Data, type Received } from './socket.ts';
import { realWorld } from './world.ts';

/**
 * Connects to a WebSocket server and comes back whenever the connection is lost. Events come later: listeners added
 * in the same turn miss nothing.
 *
 * @param url absolute or, in a page, relative to it; or a function, asked before each attempt, for a fresh token.
 * @throws {TypeError} the URL cannot be read, or there is no WebSocket here. @throws {RangeError} an option is negative.
 */
export function connect<In, Out>(
  url: Address,
  options: ClientOptions<NoInfer<In>, NoInfer<Out>> & Format<In, Out>,
): Client<In, Out>;
export function connect(url: Address, options?: ClientOptions): Client;
export function connect<In = Received, Out = Data>(
  url: Address,
  options: ClientOptions<In, Out> & Partial<Format<In, Out>> = {},
): Client<In, Out> {
  if (typeof url !== 'function') absolute(url);
  return new ReconnectingClient(url, settingsOf(options), realWorld);
}
