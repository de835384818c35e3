import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { connect as connectHttp2 } from 'node:http2';
import { get } from 'node:https';
import { type ConnectionOptions, connect } from 'node:tls';
import { checkProxy, type Row } from '../../../src/front/check.ts';
import type { PlanOptions } from '../../../src/front/plan.ts';
import { installedVersion } from '../../../src/front/version.ts';
import { askWs, type Front, openFront, openWs } from './clients.ts';

/** `usta proxy PROXY --check`. @returns the names of the rows that hold, and the rows that do not. */
export async function checked(
  proxy: string,
  plan: Partial<PlanOptions> = {},
): Promise<{ holds: string[]; fails: Row[] }> {
  const rows: Row[] = [];
  for await (const row of checkProxy(proxy, {
    domain: 'domain.com',
    path: '/wss',
    ...(await asInstalled(proxy)),
    ...plan,
  })) {
    rows.push(row);
  }
  return {
    holds: rows.filter(({ holds }) => holds).map(({ name }) => name),
    fails: rows.filter(({ holds }) => !holds),
  };
}

export async function asInstalled(proxy: string): Promise<{ version: string }> {
  return { version: (await installedVersion(proxy as 'nginx')) ?? '' };
}

/** How a TLS handshake ends: the version, or the code of the error. */
export async function handshake(front: Front, options: ConnectionOptions): Promise<string> {
  const { port } = front.rehearsal.plan;
  const ca = readFileSync(front.caFile);
  const socket = connect({ host: '127.0.0.1', port, servername: 'localhost', ca, ...options });
  const ended = await new Promise<string>((resolve) => {
    socket.once('secureConnect', () => resolve(String(socket.getProtocol())));
    socket.once('error', ({ code }: NodeJS.ErrnoException) => resolve(String(code)));
  });
  socket.destroy();
  return ended;
}

/** What a client without TLS 1.2, or with suites that are not authenticated encryption only, would offer. */
export const OUTDATED: Readonly<Record<string, ConnectionOptions>> = {
  'TLS 1.0': { minVersion: 'TLSv1', maxVersion: 'TLSv1', ciphers: 'DEFAULT@SECLEVEL=0' },
  'TLS 1.1': { minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' },
  'CBC suites': {
    maxVersion: 'TLSv1.2',
    ciphers: 'ECDHE-ECDSA-AES128-SHA:ECDHE-ECDSA-AES256-SHA384:AES128-SHA',
  },
};

/**
 * Requests by several clients, one after the other each, and messages on open WebSockets, while the proxy reloads.
 *
 * @returns what was lost; and how many requests were reset without an answer and succeeded when sent again.
 */
export async function reloadUnderLoad(
  front: Front,
  reloads: number,
): Promise<{ requests: number; lost: string[]; again: number }> {
  const lost: string[] = [];
  let again = 0;
  let requests = 0;
  let going = true;
  const sockets = await Promise.all([1, 2, 3].map(() => openWs(front.url, front.caFile)));
  const asking = [1, 2, 3].map(async () => {
    while (going) {
      let status = await statusOf(front).catch((error: Error) => error.message);
      if (status === RESET && ++again) status = await statusOf(front).catch((error: Error) => error.message);
      if (status !== '426') lost.push(`request: ${status}`);
      requests++;
    }
  });
  try {
    for (let count = 0; count < reloads; count++) {
      await front.rehearsal.proxy.reload();
      for (const socket of sockets) {
        if (socket.readyState !== socket.OPEN) lost.push('a WebSocket was cut');
        else if ((await askWs(socket, `message ${count}`)) !== `message ${count}`) lost.push('a message');
      }
    }
  } finally {
    going = false;
    await Promise.all(asking);
    for (const socket of sockets) socket.terminate();
  }
  return { requests, lost, again };
}

const RESET = 'read ECONNRESET';

async function statusOf({ url, caFile }: Front): Promise<string> {
  const request = get(url.replace('wss', 'https'), { ca: readFileSync(caFile), agent: false, timeout: 5000 });
  request.once('timeout', () => request.destroy(new Error('no answer in time')));
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  response.resume();
  await once(response, 'end');
  return String(response.statusCode);
}

/** A GET over HTTP/2. @returns the status. */
export async function overHttp2({ url, caFile }: Front): Promise<number> {
  const { origin, pathname } = new URL(url.replace('wss', 'https'));
  const session = connectHttp2(origin, { ca: readFileSync(caFile) });
  const stream = session.request({ ':path': pathname });
  const [headers] = await once(stream, 'response');
  stream.resume();
  await once(stream, 'end');
  session.destroy();
  return headers[':status'];
}

/**
 * A worker that never pings, behind a proxy whose deadlines are 17 times shorter: what the heartbeat is there for.
 *
 * @returns seconds until the connection was cut.
 */
export async function cutWithoutPings(proxy: string): Promise<number> {
  const limits = { pingInterval: 0, idleTimeout: 0 };
  const front = await openFront(proxy, await asInstalled(proxy), { scale: 17, limits });
  try {
    const socket = await openWs(front.url, front.caFile);
    const started = performance.now();
    await once(socket, 'close');
    return (performance.now() - started) / 1000;
  } finally {
    await front.stop();
  }
}
