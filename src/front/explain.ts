import { parseApache } from './explain/apache-parser.ts';
import { APACHE_RULES, APACHE_SYNTAX } from './explain/apache-rules.ts';
import { viewApache } from './explain/apache-view.ts';
import { type Dialect, dialectOf } from './explain/dialect.ts';
import type { Parsed, Problem } from './explain/directive.ts';
import { type DescribedRule, type Explanation, explanation, obeyed } from './explain/explanation.ts';
import { followIncludes } from './explain/includes.ts';
import { parseNginx } from './explain/nginx-parser.ts';
import { NGINX_RULES, NGINX_SYNTAX } from './explain/nginx-rules.ts';
import { viewNginx } from './explain/nginx-view.ts';

export type { Dialect } from './explain/dialect.ts';
export type { Explanation, Severity } from './explain/explanation.ts';

export interface ExplainOptions {
  /**
   * The text of an included file, named as in the configuration (a pattern with `*` as it stands: the texts of its
   * files, one after the other); `undefined` when it cannot be read. Without it includes are noted, not followed.
   */
  readonly read?: (path: string) => string | undefined;
  /** Where wss is asked for, as `/wss`. Without it the places are guessed: what passes Upgrade or is named like it. */
  readonly path?: string;
}

/** What Debian's `proxy_params` holds, which is included more often than read. */
const PROXY_PARAMS = `
proxy_set_header Host $http_host;
proxy_set_header X-Real-IP $remote_addr;
proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
proxy_set_header X-Forwarded-Proto $scheme;
`;

/**
 * Names what breaks wss, or is unsafe, in a person's configuration of nginx or Apache. Nothing is run, opened or asked.
 *
 * @param text as in the file; may be a part of one, a `server` or a `location`.
 * @param dialect guessed from the text when it is not given.
 * @returns by line; nothing when all is well.
 * @throws {UsageError} no dialect is given and the text looks like neither.
 */
export function explain(
  text: string,
  dialect: Dialect = dialectOf(text),
  options: ExplainOptions = {},
): Explanation[] {
  return dialect === 'nginx' ? explainNginx(text, options) : explainApache(text, options);
}

function explainNginx(text: string, { read, path }: ExplainOptions): Explanation[] {
  const { directives, problem } = followIncludes(parseNginx(text), {
    names: ['include'],
    parse: parseNginx,
    read: (file) =>
      read?.(file) ?? (/(?:^|\/)proxy_params$/.test(file.slice(-100)) ? PROXY_PARAMS : undefined),
  });
  return problem ? [unreadable(NGINX_SYNTAX, problem)] : obeyed(NGINX_RULES, viewNginx(directives, path));
}

function explainApache(text: string, { read, path }: ExplainOptions): Explanation[] {
  const { directives, problem }: Parsed = followIncludes(parseApache(text), {
    names: ['include', 'includeoptional'],
    parse: parseApache,
    read: (file) => read?.(file),
  });
  return problem ? [unreadable(APACHE_SYNTAX, problem)] : obeyed(APACHE_RULES, viewApache(directives, path));
}

function unreadable(rule: DescribedRule, { line, message, place }: Problem): Explanation {
  const at = {
    name: message.replace(/:.*/s, ''),
    words: [],
    line,
    ...(place === undefined ? {} : { place }),
  };
  return { ...explanation(rule, { at, cause: `${message}. Nothing else was judged.` }), directive: '' };
}
