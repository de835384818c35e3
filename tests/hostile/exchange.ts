import { connect } from 'node:net';

const AT_ONCE = 32;

/** Acts on all of a list, a few at a time. */
export async function eachOf<T>(list: readonly T[], act: (one: T) => Promise<void>): Promise<void> {
  const rest = list.values();
  const hands = Array.from({ length: AT_ONCE }, async () => {
    for (const one of rest) await act(one);
  });
  await Promise.all(hands);
}

export interface Manner {
  /** Ends our side behind the stream, for streams after which the server would wait for more. */
  readonly finish?: boolean;
  /** Our address: where all of 127.0.0.0/8 is local, each stream may have its own. */
  readonly from?: string;
}

/** Sends a stream, and listens until the server ends the connection. @returns what it has said, and our port. */
export function exchange(
  to: number,
  bytes: string,
  { finish = false, from }: Manner = {},
): Promise<{ answers: string; port: number }> {
  return new Promise((resolve, reject) => {
    const socket = connect({
      port: to,
      host: '127.0.0.1',
      ...(from === undefined ? {} : { localAddress: from }),
    });
    let answers = '';
    let port = 0;
    socket.setEncoding('latin1').on('data', (text) => {
      answers += text;
    });
    socket.once('connect', () => {
      port = socket.localPort ?? 0;
    });
    socket.once('end', () => resolve({ answers, port })).once('error', reject);
    if (finish) socket.end(bytes, 'latin1');
    else socket.write(bytes, 'latin1');
  });
}
