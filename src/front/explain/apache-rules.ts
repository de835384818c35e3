import { APACHE_PROXY_RULES } from './apache-proxy-rules.ts';
import { APACHE_TLS_RULES } from './apache-tls-rules.ts';
import { APACHE_UPSTREAM_RULES } from './apache-upstream-rules.ts';
import type { ApacheView } from './apache-view.ts';
import type { DescribedRule, Rule } from './explanation.ts';

/** When this is found, nothing else is said. */
export const APACHE_SYNTAX: DescribedRule = {
  code: 'syntax',
  severity: 'fault',
  looks: 'a section that is not closed, or closed by another name',
  cause: 'The file cannot be read from here on, by Apache neither.',
  remedy: 'Close what is open; apachectl configtest names the place too.',
};

const UNSEEN: readonly Rule<ApacheView>[] = [
  {
    code: 'include-not-followed',
    severity: 'warning',
    looks: '`Include` or `IncludeOptional` of a file that could not be read along',
    cause:
      'What stands in the included file was not seen; it may hold faults, or what seems to be missing here.',
    remedy: 'Explain that file too.',
    find: ({ contexts }) => contexts.flatMap(({ unfollowed }) => unfollowed.map((at) => ({ at }))),
  },
];

/** Everything that is looked for in Apache's configuration. */
export const APACHE_RULES: readonly Rule<ApacheView>[] = [
  ...APACHE_TLS_RULES,
  ...APACHE_PROXY_RULES,
  ...APACHE_UPSTREAM_RULES,
  ...UNSEEN,
];
