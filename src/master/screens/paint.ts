/** ANSI's numbers (ECMA-48 §8.3.117, SGR). */
const CODES = { bold: '1', dim: '2', red: '31', green: '32', yellow: '33', cyan: '36' } as const;

export type Style = keyof typeof CODES;

/** The text in this style where colours are shown, else as it is. */
export type Paint = (style: Style, text: string) => string;

/** What a screen is drawn on. */
export interface Canvas {
  /** Columns; `Infinity` where no line is too long. */
  readonly width: number;
  readonly paint: Paint;
}

/** For a terminal. */
export const coloured: Paint = (style, text) => `\u001b[${CODES[style]}m${text}\u001b[0m`;

/** For files and pipes. */
export const plain: Paint = (_style, text) => text;
