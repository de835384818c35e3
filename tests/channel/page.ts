import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import process from 'node:process';
import { Script } from '../fixtures/script.ts';

const ROOT = resolve(import.meta.dirname ?? '.', '..', '..', '..');

/** The code of a page, compiled as a user's would be, and run as it stands there, with ports of the test's own. */
export class Page {
  /** What the compiler says. */
  readonly complaints: string;
  /** Commands for a shell. */
  readonly commands: readonly string[];
  readonly count: number;
  readonly #directory: string;
  readonly #scripts: Script[] = [];

  /** @param path from the root of the project. */
  constructor(path: string) {
    const text = readFileSync(join(ROOT, path), 'utf8');
    const codes = blocksOf(text, 'ts');
    this.commands = blocksOf(text, 'sh');
    this.count = codes.length;
    this.#directory = mkdtempSync(join(ROOT, 'dist', 'page-'));
    this.complaints = this.#compile(codes);
  }

  /** @param directory where processes meet. */
  run(index: number, directory: string, env: Readonly<Record<string, string>> = {}): Script {
    const file = join(this.#directory, 'built', `block-${index}.mjs`);
    const script = new Script(relative(join(ROOT, 'dist'), file), [], {
      USTA_RUNTIME_DIR: directory,
      ...env,
    });
    this.#scripts.push(script);
    return script;
  }

  async end(): Promise<void> {
    await Promise.all(this.#scripts.map((script) => script.end('SIGTERM')));
    rmSync(this.#directory, { recursive: true });
  }

  #compile(codes: readonly string[]): string {
    const files = codes.map((code, index) => {
      const file = join(this.#directory, `block-${index}.mts`);
      const ownPorts = code.replace(/((?:http|websocket):\/\/127\.0\.0\.1:)\d+/g, '$10');
      writeFileSync(file, `${ownPorts}\nexport {};\n`);
      return file;
    });
    mkdirSync(join(this.#directory, 'built'));
    const compilerOptions = {
      strict: true,
      exactOptionalPropertyTypes: true,
      module: 'nodenext',
      target: 'es2022',
      types: ['node'],
      skipLibCheck: true,
      outDir: join(this.#directory, 'built'),
      rootDir: this.#directory,
    };
    writeFileSync(join(this.#directory, 'tsconfig.json'), JSON.stringify({ compilerOptions, files }));
    const tsc = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc');
    return spawnSync(process.execPath, [tsc, '-p', this.#directory], { encoding: 'utf8' }).stdout;
  }
}

function blocksOf(text: string, language: string): string[] {
  const blocks = text.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, 'gm'));
  return [...blocks].map(([, code = '']) => code);
}
