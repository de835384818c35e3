import { displayWidth, fit } from './display-width.ts';
import type { Canvas } from './paint.ts';

const BETWEEN = '   ';

/** A line of dashes with a title in its middle. */
export function rule(title: string, width: number): string {
  if (title === '') return '-'.repeat(width);
  const text = fit(` ${title} `, width);
  const left = Math.floor((width - displayWidth(text)) / 2);
  return `${'-'.repeat(left)}${text}${'-'.repeat(width - left - displayWidth(text))}`;
}

/** Facts beside each other, on as many lines as they need. */
export function beside(facts: readonly string[], width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const fact of facts) {
    const longer = line === '' ? fact : `${line}${BETWEEN}${fact}`;
    if (line !== '' && displayWidth(longer) > width) {
      lines.push(line);
      line = fact;
    } else line = longer;
  }
  if (line !== '') lines.push(line);
  return lines.map((one) => fit(one, width, 'middle'));
}

/** How wide the lines of dashes are: as the widest of what is between them, within the canvas. */
export function ruleWidth(contents: readonly number[], { width }: Canvas): number {
  return Math.min(width, Math.max(60, ...contents));
}

/** Where columns found no room, their names. */
export function missingNote(missing: readonly string[], { width, paint }: Canvas): string[] {
  if (missing.length === 0) return [];
  const words = missing.map((name, index) => (index === missing.length - 1 ? name : `${name},`));
  const note = `no room for: ${words.join(' ')}`;
  return wrapped(note, width).map((line) => paint('dim', line));
}

function wrapped(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line].map((one) => fit(one, width));
}
