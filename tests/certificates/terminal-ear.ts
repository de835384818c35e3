import { obey } from '../../src/cli/obey.ts';
import type { Terminal } from '../../src/cli/terminal.ts';
import { certificateCommand } from '../../src/commands/certificate.ts';

/** A terminal that remembers. */
export class Ear implements Terminal {
  readonly width: number = 80;
  readonly interactive: boolean = false;
  text = '';

  print(text: string): void {
    this.text += `${text}\n`;
  }

  complain(text: string): void {
    this.text += `${text}\n`;
  }

  progress(): void {}

  paint(_style: string, text: string): string {
    return text;
  }
}

/** As `usta cert` with these words. @returns the exit code. */
export function runCertificateCommand(words: readonly string[], ear: Ear): Promise<number> {
  return obey([certificateCommand], ['cert', ...words], ear);
}
