import { type Directive, MAX_DEPTH, type Parsed, type Problem } from './directive.ts';

interface Open {
  readonly head: Directive | undefined;
  readonly directives: Directive[];
}

interface Line {
  readonly text: string;
  readonly line: number;
}

/** Reads Apache's language: one directive a line, `\` continues it, sections in angle brackets, case means nothing. */
export function parseApache(text: string): Parsed {
  const stack: Open[] = [{ head: undefined, directives: [] }];
  const root = stack[0]?.directives ?? [];
  for (const one of logicalLines(text)) {
    if (one.text === '' || one.text.startsWith('#')) continue;
    const problem = read(one, stack);
    if (problem) return { directives: root, problem };
  }
  const open = stack.at(-1)?.head;
  if (!open) return { directives: root };
  return { directives: root, problem: { line: open.line, message: `${open.written} is not closed` } };
}

function read({ text, line }: Line, stack: Open[]): Problem | undefined {
  if (text.startsWith('</')) return close(nameIn(text.slice(2)), line, stack);
  if (!text.startsWith('<')) {
    const [name = '', ...words] = wordsOf(text);
    stack.at(-1)?.directives.push({ name: name.toLowerCase(), written: name, words, line });
    return undefined;
  }
  if (!text.endsWith('>')) return { line, message: `the section "${text.slice(0, 40)}" lacks its ">"` };
  if (stack.length > MAX_DEPTH) return { line, message: `sections are nested deeper than ${MAX_DEPTH}` };
  const [name = '', ...words] = wordsOf(text.slice(1, -1));
  stack.push({ head: { name: name.toLowerCase(), written: `<${name}>`, words, line }, directives: [] });
  return undefined;
}

function close(name: string, line: number, stack: Open[]): Problem | undefined {
  const done = stack.at(-1);
  if (!done?.head) return { line, message: `</${name}> closes nothing` };
  if (done.head.name !== name)
    return {
      line,
      message: `</${name}> stands where the end of ${done.head.written} of line ${done.head.line} is due`,
    };
  stack.pop();
  stack.at(-1)?.directives.push({ ...done.head, block: done.directives });
  return undefined;
}

function nameIn(text: string): string {
  return text.split('>', 1)[0]?.trim().toLowerCase().slice(0, 40) ?? '';
}

function* logicalLines(text: string): Generator<Line> {
  const lines = text.replace(/^\uFEFF/, '').split('\n');
  for (let index = 0; index < lines.length; index++) {
    const line = index + 1;
    const parts: string[] = [];
    let part = withoutReturn(lines[index]);
    while (part.endsWith('\\') && index + 1 < lines.length) {
      parts.push(part.slice(0, -1));
      index += 1;
      part = withoutReturn(lines[index]);
    }
    yield { text: [...parts, part].join('').trim(), line };
  }
}

function withoutReturn(line = ''): string {
  return line.endsWith('\r') ? line.slice(0, -1) : line;
}

/** Words are parted by blanks; in quotes, a backslash keeps a quote or a backslash. */
function wordsOf(text: string): string[] {
  const words: string[] = [];
  let at = 0;
  while (at < text.length) {
    if (isBlank(text[at])) {
      at += 1;
      continue;
    }
    const end = endOfWord(text, at);
    words.push(plain(text.slice(at, end)));
    at = end;
  }
  return words;
}

function endOfWord(text: string, start: number): number {
  const quote = text[start];
  let at = start + 1;
  if (quote !== '"' && quote !== "'") {
    while (at < text.length && !isBlank(text[at])) at += 1;
    return at;
  }
  while (at < text.length && text[at] !== quote) at += text[at] === '\\' ? 2 : 1;
  return Math.min(at + 1, text.length);
}

function plain(word: string): string {
  const quote = word[0];
  if (quote !== '"' && quote !== "'") return word;
  const inner = word.length > 1 && word.endsWith(quote) ? word.slice(1, -1) : word.slice(1);
  return inner.replace(/\\(["'\\])/g, '$1');
}

function isBlank(one: string | undefined): boolean {
  return one === ' ' || one === '\t';
}
