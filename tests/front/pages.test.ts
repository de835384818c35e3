/** The how-to pages show what the command prints today. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { obey } from '../../src/cli/obey.ts';
import { proxyCommand } from '../../src/commands/proxy.ts';
import { PROXIES } from '../../src/front/plan.ts';

const FOLDER = join(import.meta.dirname ?? '.', '..', '..', '..', 'docs', 'how-to');

for (const proxy of PROXIES) {
  describe(`docs/how-to/wss-behind-${proxy}.md`, () => {
    const page = readFileSync(join(FOLDER, `wss-behind-${proxy}.md`), 'utf8');

    it('shows what its command prints', async () => {
      const [, command = '', block] =
        /^```sh\n(usta proxy .+)\n```\n\n```\w+\n([\s\S]+?)^```$/m.exec(page) ?? [];
      assert.deepEqual(await printedBy(command), { code: 0, text: block });
    });

    it('names commands that can be typed', async () => {
      for (const [, command = ''] of page.matchAll(/^(usta proxy (?!.*--check).+)$/gm)) {
        const { code } = await printedBy(command);
        assert.equal(code, 0, command);
      }
    });

    it('shows the worker that the configuration asks for', () => {
      const [, path, from, header] =
        /\{ path: '(.+?)', trustProxy: \{ from: \['(.+?)'\], header: '(.+?)' \} \}/.exec(page) ?? [];
      assert.ok(
        page.includes(`  path: '${path}',\n  trustProxy: { from: ['${from}'], header: '${header}' },\n`),
      );
    });
  });
}

async function printedBy(command: string): Promise<{ code: number; text: string }> {
  let text = '';
  const code = await obey([proxyCommand], command.split(' ').slice(1), {
    width: 80,
    interactive: false,
    print: (line) => {
      text += `${line}\n`;
    },
    complain: (line) => {
      text += `${line}\n`;
    },
    progress: () => {},
    paint: (_style, line) => line,
  });
  return { code, text };
}
