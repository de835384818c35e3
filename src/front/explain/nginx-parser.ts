import { type Directive, MAX_DEPTH, type Parsed, type Problem } from './directive.ts';

type Token =
  | { readonly type: 'word'; readonly value: string; readonly line: number }
  | { readonly type: ';' | '{' | '}' | 'end'; readonly line: number }
  | { readonly type: 'bad'; readonly message: string; readonly line: number };

/** A block that is being read: its head, and what it holds so far. */
interface Open {
  readonly head: Head | undefined;
  readonly directives: Directive[];
}

interface Head {
  readonly name: string;
  readonly words: string[];
  readonly line: number;
}

/** Reads nginx's language as nginx does: words, quotes, escapes, comments, blocks; a block of Lua code is one word. */
export function parseNginx(text: string): Parsed {
  const lexer = new NginxLexer(text);
  const stack: Open[] = [{ head: undefined, directives: [] }];
  const root = stack[0]?.directives ?? [];
  let head: Head | undefined;
  for (;;) {
    const token = lexer.next();
    if (token.type === 'word') {
      if (head) head.words.push(token.value);
      else head = { name: token.value, words: [], line: token.line };
      continue;
    }
    const problem = misplaced(token, head, stack);
    if (problem) return { directives: root, problem };
    if (token.type === 'end') return { directives: root };
    if (token.type === '{' && head && isLua(head.name)) {
      const code = lexer.lua();
      if (code.type === 'bad') return { directives: root, problem: code };
      stack.at(-1)?.directives.push({ ...head, block: [] });
    } else if (token.type === '{') stack.push({ head, directives: [] });
    else if (token.type === '}') close(stack);
    else if (head) stack.at(-1)?.directives.push(head);
    head = undefined;
  }
}

/** @returns whether its block holds Lua, which is not nginx's language. */
export function isLua(name: string): boolean {
  return name.endsWith('_by_lua_block');
}

function close(stack: Open[]): void {
  const done = stack.pop();
  if (done?.head) stack.at(-1)?.directives.push({ ...done.head, block: done.directives });
}

function misplaced(
  token: Exclude<Token, { type: 'word' }>,
  head: Head | undefined,
  stack: Open[],
): Problem | undefined {
  const { line } = token;
  const open = stack.at(-1)?.head;
  if (token.type === 'bad') return token;
  if (token.type === 'end' && head)
    return { line: head.line, message: `"${head.name}" is not ended by ";" or a block` };
  if (token.type === 'end' && open)
    return { line: open.line, message: `the block of "${open.name}" is not closed: a "}" is missing` };
  if (token.type === '}' && head)
    return { line: head.line, message: `"${head.name}" is not ended by ";" before the "}" of line ${line}` };
  if (token.type === '}' && stack.length === 1)
    return { line, message: 'there is a "}" that closes nothing' };
  if ((token.type === ';' || token.type === '{') && !head)
    return { line, message: `there is a "${token.type}" without a directive before it` };
  if (token.type === '{' && stack.length > MAX_DEPTH)
    return { line, message: `blocks are nested deeper than ${MAX_DEPTH}` };
  return undefined;
}

class NginxLexer {
  readonly #text: string;
  #at: number;
  #line = 1;

  constructor(text: string) {
    this.#text = text;
    this.#at = text.startsWith('\uFEFF') ? 1 : 0;
  }

  next(): Token {
    this.#skipBlanks();
    const line = this.#line;
    const first = this.#text[this.#at];
    if (first === undefined) return { type: 'end', line };
    if (first === ';' || first === '{' || first === '}') {
      this.#at += 1;
      return { type: first, line };
    }
    return first === '"' || first === "'" ? this.#quoted(first) : this.#bare();
  }

  /** Passes over Lua up to the brace that ends the block; its strings and comments may hold others. */
  lua(): Token {
    const line = this.#line;
    for (let depth = 1; this.#at < this.#text.length; ) {
      const opener = this.#luaOpener();
      if (opener) {
        if (!this.#passLua(opener)) break;
        continue;
      }
      const one = this.#text[this.#at];
      this.#step();
      if (one === '{') depth += 1;
      else if (one === '}') depth -= 1;
      if (depth === 0) return { type: '}', line };
    }
    return { type: 'bad', line, message: 'a block of Lua code is not closed: a "}" is missing' };
  }

  #skipBlanks(): void {
    for (;;) {
      const one = this.#text[this.#at];
      if (one === '#') this.#skipLine();
      else if (one !== undefined && isBlank(one)) this.#step();
      else return;
    }
  }

  #skipLine(): void {
    const end = this.#text.indexOf('\n', this.#at);
    this.#at = end < 0 ? this.#text.length : end;
  }

  #step(): void {
    if (this.#text[this.#at] === '\n') this.#line += 1;
    this.#at += 1;
  }

  #quoted(quote: string): Token {
    const line = this.#line;
    const start = this.#at + 1;
    this.#at = start;
    if (!this.#passString(quote)) return { type: 'bad', line, message: `a quote (${quote}) is not closed` };
    const value = unescaped(this.#text.slice(start, this.#at - 1));
    const after = this.#text[this.#at];
    if (after === undefined || isBlank(after) || ';{)'.includes(after)) return { type: 'word', value, line };
    return { type: 'bad', line: this.#line, message: `a closing quote (${quote}) is followed by "${after}"` };
  }

  #bare(): Token {
    const line = this.#line;
    const start = this.#at;
    for (;;) {
      const one = this.#text[this.#at];
      if (one === undefined || isBlank(one) || one === ';') break;
      if (one === '{' && (this.#text[this.#at - 1] !== '$' || this.#at === start)) break;
      if (one === '\\') this.#step();
      this.#step();
    }
    this.#at = Math.min(this.#at, this.#text.length);
    return { type: 'word', value: unescaped(this.#text.slice(start, this.#at)), line };
  }

  #luaOpener(): string | undefined {
    const one = this.#text[this.#at];
    if (one === '"' || one === "'") return one;
    if (one !== '-' && one !== '[') return undefined;
    if (one === '-' && this.#text[this.#at + 1] !== '-') return undefined;
    const comment = one === '-' ? '--' : '';
    const long = longBracket(this.#text, this.#at + comment.length);
    return long === undefined && comment === '' ? undefined : comment + (long ?? '');
  }

  /** @returns `false` when it is not closed. */
  #passLua(opener: string): boolean {
    this.#at += opener.length;
    if (opener === '--') {
      this.#skipLine();
      return true;
    }
    if (opener === '"' || opener === "'") return this.#passString(opener);
    return this.#passUntil(opener.replace('--', '').replaceAll('[', ']'));
  }

  /** Passes the closing quote. @returns `false` when there is none. */
  #passString(quote: string): boolean {
    while (this.#at < this.#text.length && this.#text[this.#at] !== quote) {
      if (this.#text[this.#at] === '\\') this.#step();
      this.#step();
    }
    this.#at += 1;
    return this.#at <= this.#text.length;
  }

  #passUntil(end: string): boolean {
    const at = this.#text.indexOf(end, this.#at);
    if (at < 0) return false;
    while (this.#at < at + end.length) this.#step();
    return true;
  }
}

/** `[[`, `[=[` and so on, when one begins here. */
function longBracket(text: string, at: number): string | undefined {
  let end = at + 1;
  if (text[at] !== '[') return undefined;
  while (text[end] === '=') end += 1;
  return text[end] === '[' ? text.slice(at, end + 1) : undefined;
}

function isBlank(one: string): boolean {
  return one === ' ' || one === '\t' || one === '\n' || one === '\r';
}

/** nginx knows `\"`, `\'`, `\\`, `\t`, `\r` and `\n`; before anything else a backslash stays. */
function unescaped(text: string): string {
  if (!text.includes('\\')) return text;
  return text.replace(/\\(["'\\trn])/g, (_, one: string) => ({ t: '\t', r: '\r', n: '\n' })[one] ?? one);
}
