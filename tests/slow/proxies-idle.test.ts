/** An idle connection in front of each proxy's own timeouts: only the worker's pings keep it. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type WebSocket from 'ws';
import { ensure } from '../real/debian.ts';
import { askWs, type Front, openFront, openWs } from '../real/proxies/clients.ts';
import { asInstalled } from '../real/proxies/examinations.ts';

const IDLE_MS = 75_000;

/** Takes out every timeout that we print, so that the proxy has its own: 60 s in nginx and Apache, none in Caddy. */
const WITH_DEFAULTS: Readonly<Record<string, (text: string) => string>> = {
  nginx: (text) =>
    text.replaceAll(/^ *(proxy_(connect|read|send)|client_header|keepalive)_timeout .*\n/gm, ''),
  apache: (text) =>
    text
      .replaceAll(/^ *(Timeout|KeepAliveTimeout) .*\n/gm, '')
      .replaceAll(/ (connectiontimeout|timeout|ttl)=\d+/g, ''),
  haproxy: (text) => withDebianTimeouts(text.replaceAll(/^ *timeout .*\n/gm, '')),
  caddy: (text) => text.replaceAll(/^\s*(dial|read|write)_timeout .*\n/gm, ''),
};

/** Who does not ping is cut by these; Caddy has no timeout, so there it stays. */
const CUTS = ['nginx', 'apache', 'haproxy'];

interface Idle {
  readonly proxy: string;
  readonly front: Front;
  readonly silent: Front;
}

describe('a connection that idles for 75 s, with the default timeouts of the proxy', () => {
  let idle: Idle[] = [];
  let ends: Map<string, { kept: WebSocket; pings: number; cutAfter: number | undefined }>;

  before(async () => {
    ensure('nginx', 'apache2', 'haproxy', 'caddy');
    idle = await Promise.all(Object.keys(WITH_DEFAULTS).map(open));
    ends = new Map(await Promise.all(idle.map(observe)));
  });
  after(() => Promise.all(idle.flatMap(({ front, silent }) => [front.stop(), silent.stop()])));

  for (const proxy of Object.keys(WITH_DEFAULTS)) {
    it(`stays open with ${proxy}, kept by pings`, async () => {
      const { kept, pings } = ends.get(proxy) ?? assert.fail();
      assert.equal(kept.readyState, kept.OPEN);
      assert.ok(pings >= 2, `${pings} pings`);
      assert.equal(await askWs(kept, 'tom'), 'ok');
    });
  }

  for (const proxy of CUTS) {
    it(`would be cut by ${proxy} without them`, () => {
      const { cutAfter = 0 } = ends.get(proxy) ?? {};
      assert.ok(cutAfter > 45_000 && cutAfter < 70_000, `cut after ${cutAfter} ms`);
    });
  }
});

async function open(proxy: string): Promise<Idle> {
  const version = await asInstalled(proxy);
  const edit = WITH_DEFAULTS[proxy] ?? assert.fail();
  const front = await openFront(proxy, version, { edit });
  const silent = await openFront(proxy, version, { edit, limits: { pingInterval: 0, idleTimeout: 0 } });
  return { proxy, front, silent };
}

async function observe({
  proxy,
  front,
  silent,
}: Idle): Promise<[string, { kept: WebSocket; pings: number; cutAfter: number | undefined }]> {
  const kept = await openWs(front.url, front.caFile);
  const unkept = await openWs(silent.url, silent.caFile);
  const started = performance.now();
  let pings = 0;
  let cutAfter: number | undefined;
  kept.on('ping', () => pings++);
  unkept.on('close', () => {
    cutAfter = performance.now() - started;
  });
  await sleep(IDLE_MS);
  return [proxy, { kept, pings, cutAfter }];
}

/** HAProxy has no timeouts of its own: those that Debian gives it. */
function withDebianTimeouts(text: string): string {
  const debian = readFileSync('/etc/haproxy/haproxy.cfg', 'utf8').match(
    /^\s*timeout (connect|client|server)\s.*\n/gm,
  );
  assert.equal(debian?.length, 3);
  return `defaults\n${debian.join('')}\n${text}`;
}
