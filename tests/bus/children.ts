import { join } from 'node:path';
import type { Bus } from '../../src/bus/bus.ts';
import type { BusSettings } from '../../src/bus/settings.ts';
import { Script } from '../fixtures/script.ts';
import { PORT } from './station.ts';

/** A process of its own on a bus. */
export class Child {
  readonly script: Script;
  id = '';

  constructor(settings: BusSettings, directory: string) {
    const file = join('tests', 'bus', 'member-process.js');
    this.script = new Script(file, [JSON.stringify(settings)], { USTA_RUNTIME_DIR: directory });
  }

  async joined(): Promise<this> {
    this.id = (await this.script.printed(/^member (\S+) knows/m))[1] ?? '';
    return this;
  }

  /** Has it do something. @returns what it answers. */
  async ask(bus: Bus, words: string): Promise<unknown> {
    const answers = await bus.ask(PORT, [this.id], Buffer.from(words));
    return JSON.parse(answers.get(this.id)?.toString() ?? 'null');
  }

  signal(name: NodeJS.Signals): void {
    this.script.process.kill(name);
  }
}
