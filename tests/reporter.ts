import { join, relative, resolve } from 'node:path';
import type { Transform } from 'node:stream';
import { spec } from 'node:test/reporters';

/** Node's `spec` reporter, plus one line per test file that ran a test (read by run.ts). */
export default async function* reporter(
  source: AsyncIterable<{ type: string; data: object }>,
): AsyncGenerator<string> {
  const root = new URL('../..', import.meta.url).pathname;
  const seen = new Set<string>();
  const readable = new spec() as Transform;
  const pump = (async () => {
    for await (const event of source) {
      const { file } = event.data as { file?: string };
      if (event.type === 'test:pass' && file) seen.add(compiled(relative(root, resolve(root, file))));
      readable.write(event);
    }
    readable.end();
  })();
  for await (const chunk of readable) yield String(chunk);
  await pump;
  for (const file of seen) yield `ran-file ${file}\n`;
}

/** Source maps make Node tell the source's name. */
function compiled(file: string): string {
  return file.endsWith('.ts') ? join('dist', file.replace(/\.ts$/, '.js')) : file;
}
