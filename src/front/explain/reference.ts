import { APACHE_RULES, APACHE_SYNTAX } from './apache-rules.ts';
import type { DescribedRule } from './explanation.ts';
import { NGINX_RULES, NGINX_SYNTAX } from './nginx-rules.ts';

/** All rules of one dialect, as tables of Markdown show them. */
export const EXPLAINED: Readonly<Record<'nginx' | 'apache', readonly DescribedRule[]>> = {
  nginx: [NGINX_SYNTAX, ...NGINX_RULES],
  apache: [APACHE_SYNTAX, ...APACHE_RULES],
};

/** The rows of one table, head included. */
export function rulesTable(rules: readonly DescribedRule[]): string {
  const rows = rules.map(({ code, severity, looks, cause, remedy }) =>
    [`\`${code}\``, severity, looks, cause, remedy].map(cell).join(' | '),
  );
  const head = ['code | severity | looks like | cause | remedy', '--- | --- | --- | --- | ---'];
  return [...head, ...rows].map((row) => `| ${row} |`).join('\n');
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('<', '&lt;');
}
