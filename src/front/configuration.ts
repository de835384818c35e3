import { apache } from './apache.ts';
import { caddy } from './caddy.ts';
import { haproxy } from './haproxy.ts';
import { nginx } from './nginx.ts';
import { nginxStream } from './nginx-stream.ts';
import type { ProxyName, ProxyPlan } from './plan.ts';

const WRITERS: Readonly<Record<ProxyName, (plan: ProxyPlan) => string>> = {
  nginx: (plan) => (plan.proxyProtocol ? nginxStream(plan) : nginx(plan)),
  apache,
  haproxy,
  caddy,
};

/**
 * The whole configuration, commented, with a newline at its end.
 *
 * @throws {UsageError} this proxy, or this version of it, cannot do what was asked.
 */
export function configurationFor(plan: ProxyPlan): string {
  return WRITERS[plan.proxy](plan);
}
