import process from 'node:process';

const STYLES = { bold: '1', dim: '2', red: '31', green: '32', yellow: '33', cyan: '36' } as const;
export type Style = keyof typeof STYLES;

/** Where a command speaks to a person, or to the program that reads its output. */
export interface Terminal {
  /** Columns to fill; 80 where nobody looks. */
  readonly width: number;
  /** A person is looking: colours, and lines that are rewritten, make sense. */
  readonly interactive: boolean;
  /** The result: one line (or several, joined) to standard output. */
  print(text: string): void;
  /** What is not the result: to standard error. */
  complain(text: string): void;
  /** On a terminal, a passing line that the next one replaces; elsewhere nothing. */
  progress(text: string): void;
  /** The text in this style where colours are shown, else as it is. */
  paint(style: Style, text: string): string;
}

/** @see https://no-color.org — NO_COLOR */
export function processTerminal(): Terminal {
  const { stdout, stderr, env } = process;
  const interactive = stdout.isTTY === true;
  const colours = interactive && !env.NO_COLOR && env.TERM !== 'dumb';
  let passing = false;
  const clear = (): void => {
    if (passing) stdout.write('\r\u001b[K');
    passing = false;
  };
  return {
    width: stdout.columns || 80,
    interactive,
    print(text) {
      clear();
      stdout.write(`${text}\n`);
    },
    complain(text) {
      clear();
      stderr.write(`${text}\n`);
    },
    progress(text) {
      if (!interactive) return;
      clear();
      stdout.write(text.slice(0, this.width - 1));
      passing = true;
    },
    paint: (style, text) => (colours ? `\u001b[${STYLES[style]}m${text}\u001b[0m` : text),
  };
}
