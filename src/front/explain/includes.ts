import type { Directive, Parsed, Problem } from './directive.ts';

/** Files and levels that are followed, at most: a file may include itself. */
const MAX_FILES = 200;
const MAX_LEVELS = 8;
/** Characters of all included files together. */
const MAX_TEXT = 8_388_608;

export interface IncludeOptions {
  /** `include`, or Apache's words, in lower case. */
  readonly names: readonly string[];
  readonly parse: (text: string) => Parsed;
  /** The text of a file as named in the configuration (a pattern with `*` as it stands), or `undefined`. */
  readonly read: (path: string) => string | undefined;
}

/** Puts the directives of included files where their include stands; one that cannot be read stays. */
export function followIncludes(parsed: Parsed, options: IncludeOptions): Parsed {
  if (parsed.problem) return parsed;
  const follower = new Follower(options);
  const directives = follower.follow(parsed.directives, 0);
  return follower.problem ? { directives, problem: follower.problem } : { directives };
}

class Follower {
  problem: Problem | undefined;
  readonly #options: IncludeOptions;
  #files = 0;
  #text = 0;

  constructor(options: IncludeOptions) {
    this.#options = options;
  }

  follow(directives: readonly Directive[], level: number): Directive[] {
    const followed: Directive[] = [];
    for (const one of directives) {
      if (one.block) followed.push({ ...one, block: this.follow(one.block, level) });
      else if (!this.#options.names.includes(one.name)) followed.push(one);
      else for (const inner of this.#included(one, level)) followed.push(inner);
    }
    return followed;
  }

  #included(include: Directive, level: number): Directive[] {
    const path = include.words[0] ?? '';
    const text = this.#files < MAX_FILES && level < MAX_LEVELS ? this.#options.read(path) : undefined;
    this.#files += 1;
    this.#text += text?.length ?? 0;
    if (text === undefined || this.#text > MAX_TEXT) return [include];
    const { directives, problem } = this.#options.parse(text);
    const place = (line: number): string => `${path.slice(0, 100)} line ${line}`;
    if (problem) this.problem ??= { ...problem, line: include.line, place: place(problem.line) };
    return this.follow(moved(directives, include.line, place), level + 1);
  }
}

function moved(directives: readonly Directive[], line: number, place: (line: number) => string): Directive[] {
  return directives.map((one) => ({
    ...one,
    line,
    place: place(one.line),
    ...(one.block ? { block: moved(one.block, line, place) } : {}),
  }));
}
