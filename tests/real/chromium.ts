import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { type BrowserContext, chromium, type Page } from 'playwright-core';

const SCREENSHOTS = fileURLToPath(new URL('../../screenshots/', import.meta.url));
const QUIET = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-background-networking',
  '--disable-quic',
  '--no-first-run',
];

export interface Browser {
  readonly context: BrowserContext;
  /** Runs `use` in a fresh page; when it throws, a screenshot is kept and its path printed. */
  page(name: string, use: (page: Page) => Promise<void>): Promise<void>;
  close(): Promise<void>;
}

/**
 * Debian's Chromium in a home and a profile of its own.
 *
 * @param caFile trusted in its NSS database; without it the browser knows only its own roots.
 */
export async function openChromium(
  options: { caFile?: string; args?: readonly string[] } = {},
): Promise<Browser> {
  const home = mkdtempSync(join(tmpdir(), 'usta-chromium-'));
  if (options.caFile) trust(home, options.caFile);
  const context = await chromium.launchPersistentContext(join(home, 'profile'), {
    executablePath: '/usr/bin/chromium',
    args: [...QUIET, ...(options.args ?? [])],
    env: { ...process.env, HOME: home } as Record<string, string>,
    viewport: { width: 900, height: 800 },
  });
  return {
    context,
    page: (name, use) => inPage(context, name, use),
    close: async () => {
      await context.close();
      rmSync(home, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

function trust(home: string, caFile: string): void {
  const database = join(home, '.pki', 'nssdb');
  mkdirSync(database, { recursive: true });
  execFileSync('certutil', ['-d', `sql:${database}`, '-N', '--empty-password']);
  execFileSync('certutil', ['-d', `sql:${database}`, '-A', '-t', 'C,,', '-n', 'usta', '-i', caFile]);
}

async function inPage(
  context: BrowserContext,
  name: string,
  use: (page: Page) => Promise<void>,
): Promise<void> {
  const page = await context.newPage();
  page.setDefaultTimeout(10_000);
  try {
    await use(page);
  } catch (error) {
    const path = join(SCREENSHOTS, `${name.replaceAll(/[^a-z0-9]+/gi, '-')}.png`);
    await page.screenshot({ path, fullPage: true }).then(() => console.error(`screenshot: ${path}`));
    throw error;
  } finally {
    await page.close();
  }
}
