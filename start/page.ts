import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';

export interface Service {
  /** Ports. */
  readonly ws: number;
  readonly wss: number;
  /** Names and addresses in the certificate. */
  readonly names: readonly string[];
  /** Where the CA's certificate lies; told to this machine only. */
  readonly caFile?: string;
}

/** Found from `dist/start/` as well as from `start/`: one folder up or two. */
const template =
  ['../../start/page.html', './page.html'].map((path) => new URL(path, import.meta.url)).flatMap(read)[0] ??
  '';

/** What the page is allowed: its own script and style, and connections. Nothing is loaded from anywhere. */
const policy = [
  "default-src 'none'",
  `script-src '${hashOf(/<script>([\s\S]*?)<\/script>/)}'`,
  `style-src '${hashOf(/<style>([\s\S]*?)<\/style>/)}'`,
  'img-src data:',
  'connect-src http: https: ws: wss:',
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

export const PAGE_HEADERS: Readonly<Record<string, string>> = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': policy,
  'cache-control': 'no-store',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
};

/** The browser test as one HTML document that knows the ports of this service. */
export function page(service: Service): string {
  const data = JSON.stringify(service).replaceAll('<', '\\u003c');
  return template.replace(
    /(<script type="application\/json" id="service">).*?(<\/script>)/,
    (_all, open, close) => `${open}${data}${close}`,
  );
}

function read(file: URL): string[] {
  try {
    return [readFileSync(file, 'utf8')];
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

/** @see Content Security Policy Level 3 §2.3.1 — hash-source */
function hashOf(element: RegExp): string {
  const text = element.exec(template)?.[1] ?? '';
  return `sha256-${createHash('sha256').update(text).digest('base64')}`;
}
