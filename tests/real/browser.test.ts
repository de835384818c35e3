import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { pathToFileURL } from 'node:url';
import type { Page } from 'playwright-core';
import { issue } from '../../src/certificates/authority.ts';
import { type Browser, openChromium } from './chromium.ts';
import { ensure } from './debian.ts';
import { freePort, type Services, startServices } from './services.ts';

/** The manual's browser test, word for word but for the language. */
const snippet = (url: string): string => `
ws = new WebSocket(${JSON.stringify(url)});
ws.onopen = function() {
    alert("connected");
    ws.send('tom');
    alert("sent to the server: tom");
};
ws.onmessage = function(e) {
    alert("from the server: " + e.data);
};`;

const ALERTS = ['connected', 'sent to the server: tom', 'from the server: ok'];

let services: Services;
before(async () => {
  ensure('chromium', 'libnss3-tools');
  services = await startServices();
});
after(() => services?.stop());

describe('Chromium that trusts the development CA', () => {
  let browser: Browser;
  let site: Server;
  before(async () => {
    const args = ['--host-resolver-rules=MAP public.example 127.0.0.1'];
    browser = await openChromium({ caFile: services.certificate.caFile, args });
    site = await serving(
      ({ scheme }) =>
        `<!doctype html><title>another site</title><script>${snippet(services[scheme])}</script>`,
    );
  });
  after(async () => {
    await browser.close();
    site.close().closeAllConnections();
  });

  for (const origin of ['https', 'http'] as const) {
    it(`does tom → ok on the page over ${origin}, and what is typed after it`, () =>
      browser.page(`page over ${origin}`, async (page) => {
        const complaints = complaintsOf(page);
        await page.goto(services[origin]);
        assert.equal(await page.inputValue('#address'), `${services[origin].replace('http', 'ws')}/`);
        await page.click('#toggle');
        await page.waitForSelector('.received:has-text("← ok")');
        await page.fill('#message', '<b>hello</b>');
        await page.press('#message', 'Enter');
        await page.locator('.received').nth(1).waitFor();
        assert.deepEqual(await logOf(page), ['open', '→ tom', '← ok', '→ <b>hello</b>', '← ok']);
        await page.click('#toggle');
        await page.waitForSelector('text=closed 1000');
        assert.equal(await page.isVisible('#problem'), false);
        assert.deepEqual(complaints, []);
      }));
  }

  for (const scheme of ['wss', 'ws'] as const) {
    const example = scheme === 'wss' ? 'examples/wss' : 'examples/ws-behind-proxy';

    for (const origin of ['https', 'http'] as const) {
      it(`runs the manual's snippet in the console of the page over ${origin}, against ${example}`, () =>
        browser.page(`snippet ${origin} ${scheme}`, async (page) => {
          const alerts = alertsOf(page);
          await page.goto(services[origin]);
          const console = await page.context().newCDPSession(page);
          await console.send('Runtime.evaluate', { expression: snippet(services[scheme]) });
          assert.deepEqual(await alerts, ALERTS);
        }));
    }

    it(`runs the manual's snippet in a page of another site, against ${example}`, () =>
      browser.page(`snippet other site ${scheme}`, async (page) => {
        const alerts = alertsOf(page);
        await page.goto(`http://another-site.localhost:${portOf(site)}/?${scheme}`);
        assert.deepEqual(await alerts, ALERTS);
      }));

    it(`runs the manual's snippet in an HTML file on the disk, against ${example}`, () =>
      browser.page(`snippet file ${scheme}`, async (page) => {
        const file = join(services.directory, `${scheme}.html`);
        await writeFile(
          file,
          `<!doctype html><title>a file</title><script>${snippet(services[scheme])}</script>`,
        );
        const alerts = alertsOf(page);
        await page.goto(pathToFileURL(file).href);
        assert.deepEqual(await alerts, ALERTS);
      }));
  }

  it('runs the snippet that the page itself shows', () =>
    browser.page('own snippet', async (page) => {
      const alerts = alertsOf(page);
      await page.goto(services.https);
      const console = await page.context().newCDPSession(page);
      await console.send('Runtime.evaluate', { expression: (await page.textContent('#snippet')) ?? '' });
      assert.deepEqual(await alerts, ALERTS);
    }));

  it('says which names to use when the certificate is for others: note 3 of the manual', () =>
    browser.page('other name', async (page) => {
      await page.goto(services.http.replace('localhost', 'other-name.localhost'));
      await page.click(`text=${services.https.replace('https://', 'wss://other-name.')}`);
      await page.click('#toggle');
      const problem = (await page.textContent('#problem:not([hidden])')) ?? '';
      assert.match(problem, /^The certificate is not for other-name\.localhost/);
      assert.ok(problem.includes(`${services.https.replace('https', 'wss')}/`), problem);
    }));

  it('trusts the CA for local names only: RFC 5280 §4.2.1.10', (test) =>
    browser.page('public name', async (page) => {
      const authority = await readFile(join(services.directory, 'ca', 'authority-1.pem'), 'utf8');
      const pair = issue({ cert: authority, key: authority }, ['public.example']);
      const server = createSecureServer(pair, (_request, response) => response.end('served'));
      test.after(() => server.close().closeAllConnections());
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
      await assert.rejects(
        page.goto(`https://public.example:${portOf(server)}/`),
        /ERR_CERT_(INVALID|NAME_CONSTRAINT_VIOLATION)/,
      );
    }));
});

describe('Chromium that does not know the development CA', () => {
  let browser: Browser;
  let closed: number;
  before(async () => {
    browser = await openChromium();
    closed = await freePort();
  });
  after(() => browser.close());

  it('gets the page over http and says in clear text how to trust the certificate', () =>
    browser.page('untrusted', async (page) => {
      await page.goto(services.http);
      await page.click(`text=${services.https.replace('https', 'wss')}`);
      await page.click('#toggle');
      const problem = (await page.textContent('#problem:not([hidden])')) ?? '';
      assert.match(problem, /^The certificate is not trusted yet/);
      assert.ok(problem.includes(`open ${services.https}/`), problem);
      assert.ok(problem.includes(services.certificate.caFile), problem);
      assert.match((await logOf(page)).join('\n'), /closed 1006: no connection came about/);
    }));

  const wrongs: Record<string, { address: () => string; says: RegExp }> = {
    'ws:// to the wss port': {
      address: () => services.https.replace('https', 'ws'),
      says: /^Port \d+ speaks TLS only\s*The address is wss:\/\/localhost:\d+\//,
    },
    'wss:// to the ws port': {
      address: () => services.http.replace('http', 'wss'),
      says: /^Port \d+ speaks no TLS\s*The address is ws:\/\/localhost:\d+\//,
    },
    'an address that is none': {
      address: () => 'localhost:8282',
      says: /^This is not an address of a WebSocket/,
    },
    'a port where nothing listens': {
      address: () => `ws://localhost:${closed}`,
      says: /^Nothing answers at localhost:\d+/,
    },
    'a certificate of a service it knows nothing of': {
      address: () => services.wss,
      says: /^No trusted connection to localhost:\d+/,
    },
  };
  for (const [what, { address, says }] of Object.entries(wrongs)) {
    it(`says what is wrong with ${what}`, () =>
      browser.page(what, async (page) => {
        await page.goto(services.http);
        await page.fill('#address', address());
        await page.click('#toggle');
        assert.match((await page.textContent('#problem:not([hidden])')) ?? '', says);
      }));
  }
});

describe('Chromium whose user accepts the warning', () => {
  let browser: Browser;
  before(async () => {
    browser = await openChromium();
  });
  after(() => browser.close());

  it('connects after that, as the page says', () =>
    browser.page('accepted', async (page) => {
      await assert.rejects(page.goto(services.https), /ERR_CERT_AUTHORITY_INVALID/);
      await page.click('#details-button');
      await page.click('#proceed-link');
      await page.waitForSelector('#address');
      await page.click('#toggle');
      await page.waitForSelector('.received:has-text("← ok")');
    }));
});

/** Answers every alert, and resolves with their texts when three have come. */
function alertsOf(page: Page): Promise<string[]> {
  const texts: string[] = [];
  return new Promise((resolve, reject) => {
    const said: string[] = [];
    const late = setTimeout(
      () => reject(new Error(`only these alerts: ${texts}; the console: ${said}`)),
      10_000,
    );
    page.on('console', (message) => said.push(message.text()));
    page.on('dialog', async (dialog) => {
      texts.push(dialog.message());
      await dialog.accept();
      if (texts.length < ALERTS.length) return;
      clearTimeout(late);
      resolve(texts);
    });
  });
}

/** What the browser has to say against the page: errors, refused resources, broken policy. */
function complaintsOf(page: Page): string[] {
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(error.message));
  return complaints;
}

async function logOf(page: Page): Promise<string[]> {
  const lines = await page.locator('#log .what').allInnerTexts();
  return lines.slice(1);
}

async function serving(html: (query: { scheme: 'ws' | 'wss' }) => string): Promise<Server> {
  const server = createServer((request, response) => {
    const scheme = request.url?.endsWith('?wss') ? 'wss' : 'ws';
    response.writeHead(200, { 'content-type': 'text/html' }).end(html({ scheme }));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

function portOf(server: Pick<Server, 'address'>): number {
  return (server.address() as AddressInfo).port;
}
