/** The manual's own nginx and Apache blocks, with nothing changed but host, ports and paths of files. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Worker, type WorkerOptions } from 'usta';
import { WebSocket } from 'ws';
import { type Browser, openChromium } from './chromium.ts';
import { ensure } from './debian.ts';
import { type Front, openFront } from './proxies/clients.ts';

/** Not the proxy's own address, which is believed. */
const VISITOR = '127.0.0.2';
const MODULES = '/usr/lib/apache2/modules';

/** The manual's block for each proxy, made from what we would print: ports and files are taken from there. */
const MANUAL: Readonly<Record<'nginx' | 'apache', (printed: string, worker: number) => string>> = {
  nginx: (printed, worker) =>
    manual('manual-nginx.conf')
      .replace('listen 443;', `listen 127.0.0.1:${found(printed, /listen (?:\S*:)?(\d+) ssl/)};`)
      .replace('/etc/ssl/server.pem', found(printed, /ssl_certificate\s+"?([^";]+)/))
      .replace('/etc/ssl/server.key', found(printed, /ssl_certificate_key\s+"?([^";]+)/))
      .replace('8282', String(worker)),
  apache: (printed, worker) => {
    const port = found(printed, /^Listen (?:\S*:)?(\d+)/m);
    const certificate = found(printed, /SSLCertificateFile\s+"?([^"\n]+)/);
    const block = manual('manual-apache.conf')
      .replaceAll('8282', String(worker))
      .replace('/website/directory', join(certificate, '..'))
      .replace('/server/httpd/cert/your.pem', certificate)
      .replace('/server/httpd/cert/your.key', found(printed, /SSLCertificateKeyFile\s+"?([^"\n]+)/))
      .replace('/server/httpd/cert/chain.pem', certificate);
    // What Debian and httpd-ssl.conf have around it.
    const tunnel = `LoadModule proxy_wstunnel_module ${MODULES}/mod_proxy_wstunnel.so`;
    const host = `<VirtualHost 127.0.0.1:${port}>\nSSLEngine on\n${block}\n</VirtualHost>`;
    return `${tunnel}\nListen 127.0.0.1:${port}\n${host}\n`;
  },
};

/** The header that each block sets; the others pass as the client has written them. */
const SETS = { nginx: 'x-real-ip', apache: 'x-forwarded-for' } as const;

const FORGED = { 'X-Real-IP': '6.6.6.6', 'X-Forwarded-For': '7.7.7.7', Forwarded: 'for=8.8.8.8' };

function manual(name: string): string {
  return readFileSync(
    fileURLToPath(new URL(`../../../tests/front/fixtures/${name}`, import.meta.url)),
    'utf8',
  );
}

function found(text: string, pattern: RegExp): string {
  return pattern.exec(text)?.[1] ?? assert.fail(`${pattern} is not in ${text}`);
}

type Trust = Pick<WorkerOptions, 'trustProxy'>;

/** The manual's worker, which also tells where a client comes from. */
async function serve(options: Trust): Promise<Worker> {
  const worker = new Worker('websocket://127.0.0.1:0', { ...options, drainTimeout: 0.5, closeTimeout: 0.5 });
  worker.onMessage = (connection, message) =>
    connection.send(message === 'who' ? `${connection.remoteIp}` : 'ok');
  await worker.listen();
  return worker;
}

for (const proxy of ['nginx', 'apache'] as const) {
  describe(`the manual's block for ${proxy}`, () => {
    let worker: Worker;
    let front: Front;
    before(async () => {
      ensure('nginx', 'apache2', 'chromium', 'libnss3-tools');
      worker = await serve({ trustProxy: { from: ['127.0.0.1'], header: SETS[proxy] } });
      const edit = (printed: string): string => MANUAL[proxy](printed, worker.port);
      front = await openFront(proxy, { plainPort: 0 }, { edit });
    });
    after(async () => {
      await worker?.stop();
      await front?.stop();
    });

    it("answers the manual's snippet in Chromium's console with ok", async () => {
      assert.deepEqual(await alertsOfSnippet(front), [
        'Bağlantı başarılı',
        'Sunucuya bir dize gönderiliyor: tom',
        'Sunucudan gelen mesaj: ok',
      ]);
    });

    it(`a client that forges all three headers stays who it is by ${SETS[proxy]}`, async () => {
      assert.equal(await who(front, FORGED), VISITOR);
      assert.equal(await who(front, {}), VISITOR);
    });

    const other = proxy === 'nginx' ? 'x-forwarded-for' : 'x-real-ip';
    it(`which ${other} would not tell: this block passes it forged`, async () => {
      const gullible = await serve({ trustProxy: { from: ['127.0.0.1'], header: other } });
      const edit = (printed: string): string => MANUAL[proxy](printed, gullible.port);
      const open = await openFront(proxy, { plainPort: 0 }, { edit });
      try {
        assert.match(await who(open, FORGED), /^[67]\.[67]\.[67]\.[67]$/);
      } finally {
        await gullible.stop();
        await open.stop();
      }
    });
  });
}

async function who({ url, caFile }: Front, headers: Record<string, string>): Promise<string> {
  const socket = new WebSocket(url, { headers, ca: readFileSync(caFile), localAddress: VISITOR });
  await once(socket, 'open');
  socket.send('who');
  const [answer] = await once(socket, 'message');
  socket.close();
  return String(answer);
}

/** The manual's snippet, word for word but for the address, in the console of a page of this machine. */
async function alertsOfSnippet({ url, caFile }: Front): Promise<string[]> {
  const snippet = `
ws = new WebSocket(${JSON.stringify(url)});

ws.onopen = function() {
    alert("Bağlantı başarılı");
    ws.send('tom');
    alert("Sunucuya bir dize gönderiliyor: tom");
};
ws.onmessage = function(e) {
    alert("Sunucudan gelen mesaj: " + e.data);
};`;
  const site: Server = createServer((_, response) => response.end('a page')).listen(0, '127.0.0.1');
  await once(site, 'listening');
  let browser: Browser | undefined;
  const alerts: string[] = [];
  try {
    browser = await openChromium({ caFile });
    await browser.page('the manual through a proxy', async (page) => {
      const three = new Promise<void>((resolve) => {
        page.on('dialog', async (dialog) => {
          alerts.push(dialog.message());
          await dialog.accept();
          if (alerts.length === 3) resolve();
        });
      });
      await page.goto(`http://localhost:${(site.address() as AddressInfo).port}/`);
      const console = await page.context().newCDPSession(page);
      await console.send('Runtime.evaluate', { expression: snippet });
      await Promise.race([three, page.waitForTimeout(10_000)]);
    });
  } finally {
    await browser?.close();
    site.close().closeAllConnections();
  }
  return alerts;
}
