import { UsageError } from '../../errors.ts';
import { isIp } from '../../transport/address.ts';
import type { ConnectOptions } from '../../transport/engine.ts';

/**
 * Where we connect from, as PHP's `bindto` says it: `ip:port`, an IPv6 address in brackets.
 *
 * @throws {UsageError} it is none.
 */
export function ownEnd(bindto: string | undefined): Pick<ConnectOptions, 'local'> {
  if (bindto === undefined) return {};
  const [, host = '', port = ''] = /^\[?([0-9a-f.:]+?)\]?:(\d{1,5})$/i.exec(bindto) ?? [];
  if (isIp(host) && Number(port) <= 65_535) return { local: { host, port: Number(port) } };
  throw new UsageError(
    'E_SOCKET_OPTION',
    `socket.bindto is written ip:port, 0 for any port, not ${JSON.stringify(bindto)}`,
  );
}
