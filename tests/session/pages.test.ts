/** What docs/how-to/sessions.md and docs/how-to/uploads.md show compiles, and what they promise is so elsewhere in these tests. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, it } from 'node:test';
import { MemoryStore, Sessions } from 'usta';
import { UPLOAD_LIMITS } from '../../src/upload/limits.ts';
import { compile } from '../fixtures/compile.ts';

const DOCS = resolve(import.meta.dirname ?? '.', '..', '..', '..', 'docs');
const read = (path: string): string => readFileSync(join(DOCS, path), 'utf8');

/** What is refused at compile time. */
const REFUSED = `
import { Sessions, Worker, Response } from 'usta';
const sessions = new Sessions<{ user: string }>();
const worker = new Worker('http://127.0.0.1:0');
worker.onMessage = async (connection, request) => {
  const session = await sessions.of(request);
  // @ts-expect-error: no such key
  session.get('name');
  // @ts-expect-error: not a string
  session.set('user', 1);
  // @ts-expect-error: no such option
  new Response().cookie('a', 'b', { samesite: 'Lax' });
  for await (const part of request.parts()) (await part.text()).length;
  connection.send(session.get('user') ?? (await request.multipart()).files[0]?.safeName ?? request.cookie('a') ?? '');
};
`;

describe('docs: sessions and uploads', { timeout: 60_000 }, () => {
  it('show what compiles, as what is documented is typed', () => {
    const blocks = ['how-to/sessions.md', 'how-to/uploads.md'].flatMap((page) =>
      [...read(page).matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map(([, code = '']) => code),
    );
    assert.equal(blocks.length, 4);
    assert.equal(compile(...blocks, REFUSED), '');
  });

  it('have every limit of uploads and every option of sessions', () => {
    const reference = read('reference/http.md');
    for (const name of Object.keys(UPLOAD_LIMITS))
      assert.match(reference, new RegExp(`^\\| .*\`${name}\``, 'm'), name);
    assert.throws(
      () => new Sessions({ store: new MemoryStore(), zzzzzzzzz: 1 } as never),
      ({ message }: Error) => {
        const names = /there are (.*)$/.exec(message)?.[1]?.split(', ') ?? [];
        const section = reference.slice(reference.indexOf('\n## Sessions'));
        for (const name of names) assert.match(section, new RegExp(`^\\| .*\`${name}\``, 'm'), name);
        return names.length > 8;
      },
    );
  });
});
