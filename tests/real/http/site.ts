import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Request, Response, Worker } from 'usta';
import { developmentCertificate } from '../../../src/certificates/development.ts';

/** What the site says of each request to `/told`, as JSON. */
export interface Told {
  readonly method: string;
  readonly target: string;
  readonly version: string;
  /** Content-Encoding of its body, which is not undone. */
  readonly coding: string | null;
  readonly digest: string;
}

/** An http:// and an https:// worker in this process, for clients of other people. */
export interface Site {
  readonly http: string;
  readonly https: string;
  readonly caFile: string;
  readonly ca: string;
  /** For a test's own files; gone after `stop()`. */
  readonly folder: string;
  /** Requests that were answered so far. */
  readonly served: () => number;
  stop(): Promise<void>;
}

/** `/told` says what came; any other target is answered with a small page. */
export async function openSite(): Promise<Site> {
  const folder = await mkdtemp(join(tmpdir(), 'usta-site-'));
  const { cert, key, ca, caFile } = await developmentCertificate({ directory: join(folder, 'ca') });
  const plain = new Worker('http://127.0.0.1:0');
  const secure = new Worker('https://127.0.0.1:0', { ssl: { cert, key } });
  let served = 0;
  for (const worker of [plain, secure]) {
    worker.onMessage = (connection, request) => {
      served++;
      connection.send(request.path === '/told' ? told(request) : '<!doctype html><title>a page</title>');
    };
    await worker.listen();
  }
  return {
    http: `http://localhost:${plain.port}`,
    https: `https://localhost:${secure.port}`,
    ca,
    caFile,
    folder,
    served: () => served,
    stop: async () => {
      await Promise.all([plain.stop(), secure.stop()]);
      await rm(folder, { recursive: true });
    },
  };
}

export function digestOf(body: Uint8Array | string): string {
  return createHash('sha256').update(body).digest('hex');
}

function told(request: Request): Response {
  const { method, target, version, body } = request;
  const coding = request.header('content-encoding') ?? null;
  const text: Told = { method, target, version, coding, digest: digestOf(body) };
  return new Response(200, { 'Content-Type': 'application/json' }, JSON.stringify(text));
}
