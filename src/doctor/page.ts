import type { Finding, Sentence } from './finding.ts';
import type { StepResult } from './observer.ts';

type Language = keyof Sentence;
/** Colours a text, where colours are shown. */
type Paint = (style: 'bold' | 'dim' | 'red' | 'green' | 'yellow', text: string) => string;

/** How the page is shown. */
export interface PageStyle {
  readonly language: Language;
  /** Columns to fill. */
  readonly width: number;
  readonly paint: Paint;
}

/** Columns of a step's name. */
const NAME = 24;
/** Wider lines are hard to read. */
const MAX_WIDTH = 100;

const WORDS = {
  cause: { en: 'cause', tr: 'neden' },
  remedy: { en: 'remedy', tr: 'çare' },
  also: { en: 'also seen', tr: 'ayrıca görülen' },
  connects: { en: 'connects: nothing is wrong', tr: 'bağlanıyor: bir kusur yok' },
} as const;

/** One line of a step: mark, name, what was seen, milliseconds. */
export function stepLine(
  step: Sentence,
  { ok, note, milliseconds }: StepResult,
  { language, paint }: PageStyle,
): string {
  const mark = ok ? paint('green', '✓') : paint('red', '✗');
  const time = milliseconds < 10 ? milliseconds.toFixed(1) : milliseconds.toFixed(0);
  const name = step[language].padEnd(NAME);
  return `${mark} ${name} ${paint('dim', `${time} ms`.padStart(8))}  ${note?.[language] ?? ''}`.trimEnd();
}

/** The end of the page: the verdict with cause and remedy, then what was seen besides. */
export function verdictLines(
  verdict: Finding | undefined,
  also: readonly Finding[],
  style: PageStyle,
): string[] {
  const { language, paint } = style;
  const lines = verdict
    ? findingLines(verdict, style)
    : [`${paint('green', '✓')} ${paint('bold', WORDS.connects[language])}`];
  if (also.length === 0) return ['', ...lines];
  return ['', ...lines, '', WORDS.also[language], ...also.flatMap((one) => findingLines(one, style))];
}

function findingLines({ code, severity, cause, remedy }: Finding, style: PageStyle): string[] {
  const { language, paint } = style;
  const mark = severity === 'fault' ? paint('red', '✗') : paint('yellow', '!');
  const indent = Math.max(WORDS.cause[language].length, WORDS.remedy[language].length) + 4;
  const part = (word: Sentence, text: string): string[] => {
    const label = `  ${word[language]}`.padEnd(indent);
    const width = Math.max(20, Math.min(style.width, MAX_WIDTH) - indent);
    return folded(text, width).map((line, index) => (index === 0 ? label : ' '.repeat(indent)) + line);
  };
  return [
    `${mark} ${paint('bold', code)}`,
    ...part(WORDS.cause, cause[language]),
    ...part(WORDS.remedy, remedy[language]),
  ];
}

/** Broken at blanks; a word that is longer than a line stays whole, so that it can be copied. */
function folded(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  return [...lines, line];
}
