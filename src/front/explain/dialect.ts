import { UsageError } from '../../errors.ts';

/** Whose language a configuration is written in. */
export type Dialect = 'nginx' | 'apache';

const NGINX =
  /^(?:(?:server|http|events|stream|upstream|location|map|if|geo)\b[^;=]*\{|\}|(?:listen|server_name|server|root|include|return|rewrite|set|ssl|map|default|index|user|ssl_\w+|proxy_\w+|worker_\w+|upstream|location|keepalive\w*|add_header|try_files|real_ip\w*|set_real_ip_from|access_log|error_log|resolver|limit_\w+|client_\w+|\w+_by_lua_block)\b.*[;{])/i;

const APACHE =
  /^(?:<\/?(?:VirtualHost|Location|LocationMatch|Directory|DirectoryMatch|Files|FilesMatch|Proxy|ProxyMatch|If|IfModule|IfDefine|IfVersion|IfFile|Macro|Limit|RequireAll)\b|(?:ProxyPass\w*|ProxyRequests|ProxyPreserveHost|ProxyTimeout|ProxySet|ProxyAddHeaders|ProxyErrorOverride|BalancerMember|LoadModule|Listen|ServerName|ServerAlias|ServerAdmin|ServerRoot|DocumentRoot|SSL[A-Z]\w*|Rewrite\w+|RequestHeader|Header|Redirect\w*|Include\w*|CustomLog|ErrorLog|RemoteIP\w+|Timeout|KeepAlive\w*|SetEnv\w*|Alias|Require|Order|Protocols|Define)\s[^;]*$)/i;

/** Longer lines are told by their beginning. */
const LINE = 300;

/**
 * Tells the two languages apart by the lines that only one of them has.
 *
 * @throws {UsageError} it looks like neither.
 */
export function dialectOf(text: string): Dialect {
  let nginx = 0;
  let apache = 0;
  for (const whole of text.split('\n')) {
    const line = whole.slice(0, LINE).trim();
    if (NGINX.test(line) || (whole.length > LINE && /[;{]/.test(line))) nginx += 1;
    else if (APACHE.test(line)) apache += 1;
  }
  if (nginx === 0 && apache === 0) {
    throw new UsageError(
      'E_DIALECT',
      'this looks neither like a configuration of nginx nor like one of Apache',
    );
  }
  return nginx >= apache ? 'nginx' : 'apache';
}
