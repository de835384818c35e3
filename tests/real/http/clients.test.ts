/** HTTP clients of other people against our workers, plain and with TLS. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import { Readable } from 'node:stream';
import { after, before, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { Client, type Dispatcher } from 'undici';
import { type Browser, openChromium } from '../chromium.ts';
import { ensure } from '../debian.ts';
import { digestOf, openSite, type Site, type Told } from './site.ts';

const run = promisify(execFile);
const WITHIN_MS = 30_000;

/** Words for curl, with more patience than the test has. */
const WAITING = ['-H', 'Expect: 100-continue', '--expect100-timeout', '60'];

const BODY = randomBytes(300_000);
const ZIPPED = gzipSync(Buffer.from('a page '.repeat(10_000)));
const NOTHING = digestOf('');

let site: Site;
before(async () => {
  ensure('curl', 'wget', 'wrk', 'chromium', 'libnss3-tools');
  site = await openSite();
  await writeFile(join(site.folder, 'body'), BODY);
  await writeFile(join(site.folder, 'zipped'), ZIPPED);
  await writeFile(join(site.folder, 'large'), Buffer.alloc(11 * 1024 * 1024));
});
after(() => site?.stop());

for (const scheme of ['http', 'https'] as const) {
  describe(`curl, ${scheme}`, { timeout: WITHIN_MS }, () => {
    it('GET', async () => {
      assert.deepEqual(await curlTold('/told?a=b'), request('GET', '/told?a=b'));
    });

    it('POST, by length and chunked', async () => {
      const expected = request('POST', '/told', digestOf(BODY));
      assert.deepEqual(await curlTold('/told', '-H', 'Expect:', ...bytesOf('body')), expected);
      const chunked = ['-H', 'Expect:', '-H', 'Transfer-Encoding: chunked'];
      assert.deepEqual(await curlTold('/told', ...chunked, ...bytesOf('body')), expected);
    });

    it('HEAD', async () => {
      const { stdout } = await curl('/', '-I');
      assert.match(stdout, /^HTTP\/1\.1 200 OK\r\n.*\r\nContent-Length: [1-9]\d*\r\n.*\r\n\r\n$/s);
    });

    it('waits for 100 Continue, and gets it before it sends the body', async () => {
      const { stdout, stderr } = await curl('/told', '-v', ...WAITING, ...bytesOf('body'));
      assert.equal((JSON.parse(stdout) as Told).digest, digestOf(BODY));
      assert.match(stderr, /^< HTTP\/1\.1 100 Continue\r\n/m);
    });

    it('is told 413 instead, and does not send the body', async () => {
      const print = ['-o', '/dev/null', '-w', '%{http_code} %{size_upload}'];
      const { stdout } = await curl('/told', ...WAITING, ...print, ...bytesOf('large'));
      assert.equal(stdout, '413 0');
    });

    it('keeps its connection', async () => {
      const others = [site[scheme], `${site[scheme]}/b`];
      const { stdout } = await curl('/a', ...others, '-I', '-w', 'connects %{num_connects}\n');
      assert.deepEqual(stdout.match(/^connects \d$/gm), ['connects 1', 'connects 0', 'connects 0']);
    });

    it('speaks HTTP/1.0', async () => {
      assert.deepEqual(await curlTold('/told', '-0'), { ...request('GET', '/told'), version: '1.0' });
      assert.match((await curl('/', '-0', '-i')).stdout, /\r\nConnection: close\r\n/);
      const posted = await curlTold('/told', '-0', ...bytesOf('body'));
      assert.deepEqual(posted, { ...request('POST', '/told', digestOf(BODY)), version: '1.0' });
    });

    it('sends gzip, which is handed on as it is', async () => {
      const told = await curlTold('/told', '-H', 'Content-Encoding: gzip', ...bytesOf('zipped'));
      assert.deepEqual(told, { ...request('POST', '/told', digestOf(ZIPPED)), coding: 'gzip' });
    });

    function bytesOf(file: string): string[] {
      return ['--data-binary', `@${site.folder}/${file}`];
    }

    async function curlTold(path: string, ...words: string[]): Promise<Told> {
      return JSON.parse((await curl(path, ...words)).stdout) as Told;
    }

    function curl(path: string, ...words: string[]): Promise<{ stdout: string; stderr: string }> {
      return run('curl', ['-sS', '-m', '20', '--cacert', site.caFile, ...words, site[scheme] + path]);
    }
  });

  describe(`wget, ${scheme}`, { timeout: WITHIN_MS }, () => {
    it('GET', async () => {
      assert.deepEqual(JSON.parse((await wget('/told?a=b')).stdout), request('GET', '/told?a=b'));
    });

    it('POST', async () => {
      const { stdout } = await wget('/told', `--post-file=${site.folder}/body`);
      assert.deepEqual(JSON.parse(stdout), request('POST', '/told', digestOf(BODY)));
    });

    it('HEAD', async () => {
      assert.match((await wget('/', '--spider', '-S')).stderr, /HTTP\/1\.1 200 OK\n/);
    });

    it('keeps its connection', async () => {
      const { stderr } = await wget('/a', `${site[scheme]}/b`, '-v');
      assert.equal(stderr.match(/^Reusing existing connection/gm)?.length, 1, stderr);
    });

    function wget(path: string, ...words: string[]): Promise<{ stdout: string; stderr: string }> {
      const usual = ['-nv', '-O', '-', '--tries=1', '--timeout=20', `--ca-certificate=${site.caFile}`];
      return run('wget', [...usual, ...words, site[scheme] + path], { env: { ...process.env, LC_ALL: 'C' } });
    }
  });

  describe(`undici, ${scheme}`, { timeout: WITHIN_MS }, () => {
    let client: Client;
    before(() => {
      client = new Client(site[scheme], { connect: { ca: site.ca }, pipelining: 10 });
    });
    after(() => client.close());

    it('GET, POST by length, POST chunked, gzip', async () => {
      assert.deepEqual(await told({ method: 'GET' }), request('GET', '/told'));
      const posted = request('POST', '/told', digestOf(BODY));
      assert.deepEqual(await told({ method: 'POST', body: BODY }), posted);
      assert.deepEqual(await told({ method: 'POST', body: Readable.from([BODY]) }), posted);
      const zipped = { method: 'POST', body: ZIPPED, headers: { 'content-encoding': 'gzip' } } as const;
      assert.deepEqual(await told(zipped), { ...request('POST', '/told', digestOf(ZIPPED)), coding: 'gzip' });
    });

    it('HEAD', async () => {
      const { statusCode, headers, body } = await client.request({ method: 'HEAD', path: '/told' });
      assert.equal(statusCode, 200);
      assert.ok(Number(headers['content-length']) > 0);
      assert.equal(await body.text(), '');
    });

    it('waits for 100 Continue', async () => {
      const wish = { method: 'POST', body: BODY, expectContinue: true } as const;
      assert.deepEqual(await told(wish), request('POST', '/told', digestOf(BODY)));
    });

    it('has 500 requests in the pipeline answered in their order', async () => {
      const targets = Array.from({ length: 500 }, (_, index) => `/told?${index}`);
      const answers = await Promise.all(targets.map((path) => told({ method: 'GET', path })));
      assert.deepEqual(
        answers.map(({ target }) => target),
        targets,
      );
    });

    async function told(wish: Partial<Dispatcher.RequestOptions>): Promise<Told> {
      const { body } = await client.request({ path: '/told', method: 'GET', ...wish });
      return (await body.json()) as Told;
    }
  });

  describe(`Chromium, ${scheme}`, { timeout: WITHIN_MS }, () => {
    let browser: Browser;
    before(async () => {
      browser = await openChromium({ caFile: site.caFile });
    });
    after(() => browser?.close());

    it('loads a page, and GET, POST and HEAD from it', () =>
      browser.page(`http client ${scheme}`, async (page) => {
        await page.goto(`${site[scheme]}/`);
        const answers = await page.evaluate(fetchAll);
        assert.deepEqual(answers, [
          [200, JSON.stringify(request('GET', '/told?a[b]=c|d'))],
          [200, JSON.stringify(request('POST', '/told', digestOf('x'.repeat(100_000))))],
          [200, ''],
        ]);
      }));
  });

  describe(`wrk, ${scheme}`, { timeout: WITHIN_MS }, () => {
    for (const depth of [1, 16]) {
      it(`${depth} in the pipeline of each of 8 connections: all are answered, none wrongly`, async () => {
        const script = join(site.folder, `pipeline-${depth}.lua`);
        await writeFile(script, pipelining(depth));
        const before = site.served();
        const { stdout } = await run('wrk', ['-t', '1', '-c', '8', '-d', '1', '-s', script, site[scheme]]);
        const [, answers, errors] = /answers (\d+) errors (\d+)/.exec(stdout) ?? [];
        const served = site.served() - before;
        assert.equal(errors, '0', stdout);
        assert.doesNotMatch(stdout, /Non-2xx|Socket errors/);
        assert.ok(Number(answers) > 1000, stdout);
        assert.ok(
          served >= Number(answers) && served <= Number(answers) + 8 * depth,
          `${served} served\n${stdout}`,
        );
      });
    }
  });
}

/** How the site tells of a request by which nothing was sent, unless a digest says what. */
function request(method: string, target: string, digest = NOTHING): Told {
  return { method, target, version: '1.1', coding: null, digest };
}

/** Runs in the browser, so it may use nothing from here. */
async function fetchAll(): Promise<[number, string][]> {
  const answers: [number, string][] = [];
  for (const [target, wish] of [
    ['/told?a[b]=c|d', {}],
    ['/told', { method: 'POST', body: 'x'.repeat(100_000) }],
    ['/told', { method: 'HEAD' }],
  ] as const) {
    const answer = await fetch(target, wish);
    answers.push([answer.status, await answer.text()]);
  }
  return answers;
}

/** A script for wrk: that many requests at a time, with a line at the end that counts. */
function pipelining(depth: number): string {
  return `
init = function(args)
  local requests = {}
  for i = 1, ${depth} do requests[i] = wrk.format("GET", "/" .. i) end
  all = table.concat(requests)
end
request = function() return all end
done = function(summary, latency, requests)
  local e = summary.errors
  print("answers " .. summary.requests .. " errors " .. (e.connect + e.read + e.write + e.status + e.timeout))
end
`;
}
