/** What a user writes compiles, with the types of browsers, of Node and of `ws`; and the page says what is so. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, it } from 'node:test';
import { settingsOf } from '../../src/client/options.ts';
import { FakeSocket } from './stage.ts';

const ROOT = resolve(import.meta.dirname ?? '.', '..', '..', '..');
const page = readFileSync(join(ROOT, 'docs', 'how-to', 'client.md'), 'utf8');
const blocks = [...page.matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map(([, code = '']) => code);

const INFERRED = `
import { connect, json, type Client, type Data, type Received } from 'usta/client';
const plain: Client<Received, Data> = connect('ws://a.test', { WebSocket, ping: { message: new Uint8Array(1) } });
plain.on('message', (message) => message satisfies string | ArrayBuffer);
type In = { in: 1 } | { pong: true };
type Out = { out: 1 } | { ping: true };
const typed = connect(() => new URL('ws://a.test'), {
  ...json<In, Out>(),
  ping: { message: { ping: true }, isPong: (message) => 'pong' in message },
  protocols: ['a'] as const,
});
const exact: Client<In, Out> = typed;
typed.send({ out: 1 });
// @ts-expect-error not a message
typed.send({ out: 2 });
// @ts-expect-error text is none either
typed.send('text');
// @ts-expect-error no such event
typed.on('mesage', () => {});
// @ts-expect-error the type of messages needs encode and decode
connect<In, Out>('ws://a.test');
// @ts-expect-error no such option
connect('ws://a.test', { minDelai: 1 });
export { exact };
`;

/** Compiles modules as a user's project would, for a page or for Node, and gives what the compiler says. */
function compile(codes: readonly string[], lib: string[], types: string[] = ['node']): string {
  mkdirSync(join(ROOT, 'dist'), { recursive: true });
  const directory = mkdtempSync(join(ROOT, 'dist', 'client-types-'));
  const built = join(ROOT, 'dist', 'src');
  const compilerOptions = {
    strict: true,
    exactOptionalPropertyTypes: true,
    noEmit: true,
    module: 'nodenext',
    target: 'es2022',
    lib,
    types,
    skipLibCheck: true,
    paths: {
      usta: [join(built, 'index.d.ts')],
      'usta/client': [join(built, 'client', 'index.d.ts')],
    },
  };
  try {
    const files = codes.map((code, index) => {
      writeFileSync(join(directory, `code-${index}.mts`), code);
      return `code-${index}.mts`;
    });
    writeFileSync(join(directory, 'tsconfig.json'), JSON.stringify({ compilerOptions, files }));
    const tsc = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc');
    return spawnSync(process.execPath, [tsc, '-p', directory], { encoding: 'utf8' }).stdout;
  } finally {
    rmSync(directory, { recursive: true });
  }
}

describe('the types', () => {
  it('take the WebSocket of browsers; and what docs/how-to/client.md shows compiles', () => {
    assert.ok(blocks.length >= 6, `${blocks.length} pieces of code`);
    assert.equal(compile([INFERRED, ...blocks], ['es2022', 'dom']), '');
  });

  it('need nothing of Node in a page', () => {
    assert.equal(compile([INFERRED], ['es2022', 'dom'], []), '');
  });

  it('need no browser’s types, and take the WebSocket of ws', () => {
    const node = `import { WebSocket } from 'ws';\n${INFERRED}`;
    assert.equal(compile([node], ['es2022']), '');
  });
});

describe('docs/how-to/client.md', () => {
  const options = page.slice(page.indexOf('## All options'));
  const row = (name: string): string => new RegExp(`^\\| [^|]*\`${name}\`.*$`, 'm').exec(options)?.[0] ?? '';

  it('has every option', () => {
    const source = readFileSync(join(ROOT, 'src', 'client', 'options.ts'), 'utf8');
    const names = [...source.matchAll(/^ {2}readonly (\w+)\?:/gm)].map(([, name = '']) => name);
    assert.ok(names.length >= 14);
    for (const name of names) assert.match(options, new RegExp(`\`${name}\``), name);
  });

  it('has the defaults that the code has', () => {
    const { minDelay, maxDelay, spread, connectTimeout, stableAfter, ...rest } = settingsOf({
      WebSocket: FakeSocket,
      ping: { message: 'ping' },
    });
    assert.match(row('minDelay'), new RegExp(`\\| ${minDelay}, ${maxDelay}, ${spread} \\|`));
    assert.match(row('connectTimeout'), new RegExp(`\\| ${connectTimeout} \\|`));
    assert.match(row('stableAfter'), new RegExp(`\\| ${stableAfter} \\|`));
    const { maxQueuedBytes, maxQueuedMessages, ping } = rest;
    assert.match(row('maxQueuedBytes'), new RegExp(`\\| ${maxQueuedBytes}, ${maxQueuedMessages} \\|`));
    assert.match(row('ping'), new RegExp(`\`interval\` ${ping?.interval}, \`timeout\` ${ping?.timeout} `));
  });
});
