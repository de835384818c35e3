import { brief } from './directive.ts';
import type { DescribedRule, Rule } from './explanation.ts';
import { NGINX_ADDRESS_RULES } from './nginx-address-rules.ts';
import { isLua } from './nginx-parser.ts';
import { NGINX_PATH_RULES } from './nginx-path-rules.ts';
import { NGINX_TLS_RULES } from './nginx-tls-rules.ts';
import { NGINX_UPGRADE_RULES } from './nginx-upgrade-rules.ts';
import { NGINX_UPSTREAM_RULES } from './nginx-upstream-rules.ts';
import type { NginxView } from './nginx-view.ts';

/** When this is found, nothing else is said. */
export const NGINX_SYNTAX: DescribedRule = {
  code: 'syntax',
  severity: 'fault',
  looks: 'a brace or a quote that is not closed, a `;` that is missing',
  cause: 'The file cannot be read from here on, by nginx neither.',
  remedy: 'Close what is open; nginx -t names the place too.',
};

const UNSEEN: readonly Rule<NginxView>[] = [
  {
    code: 'include-not-followed',
    severity: 'warning',
    looks: '`include` of a file that could not be read along',
    cause:
      'What stands in the included file was not seen; it may hold faults, or what seems to be missing here.',
    remedy: 'Explain that file too, or the output of nginx -T, which holds all of them.',
    find: ({ levels }) => levels.flatMap(({ unfollowed }) => unfollowed.map((at) => ({ at }))),
  },
  {
    code: 'lua-not-read',
    severity: 'warning',
    looks: '`content_by_lua_block { … }` and the like',
    cause: 'This block is a Lua program: what it does to the handshake was not seen.',
    remedy: 'Test it with a client: usta doctor wss://…',
    find: ({ levels }) =>
      levels.flatMap(({ name, directive }) => {
        if (!directive || !isLua(name)) return [];
        return [{ at: directive, cause: `${brief(name)} is a Lua program: what it does was not seen.` }];
      }),
  },
];

/** Everything that is looked for in nginx's configuration. */
export const NGINX_RULES: readonly Rule<NginxView>[] = [
  ...NGINX_TLS_RULES,
  ...NGINX_PATH_RULES,
  ...NGINX_UPGRADE_RULES,
  ...NGINX_ADDRESS_RULES,
  ...NGINX_UPSTREAM_RULES,
  ...UNSEEN,
];
