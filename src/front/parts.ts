import { isLoopback } from '../transport/address.ts';
import { INTERMEDIATE } from '../transport/tls-options.ts';
import { formatUpstream, type ProxyPlan } from './plan.ts';

/**
 * What a client may send to pose as somebody else: whatever a program behind the proxy could take for the proxy's word.
 * Removed or overwritten by every configuration.
 */
export const FORGEABLE: readonly string[] = [
  'X-Real-IP',
  'Forwarded',
  'X-Forwarded-Host',
  'X-Forwarded-Port',
  'X-Forwarded-Server',
  'X-Client-IP',
  'True-Client-IP',
  'CF-Connecting-IP',
  'Via',
];

const SUITES = String(INTERMEDIATE.ciphers).split(':');

/** The worker's own suites: forward secrecy and AEAD only. Names of OpenSSL. */
export const TLS_1_2_SUITES: readonly string[] = SUITES.filter((name) => !name.startsWith('TLS_'));
export const TLS_1_3_SUITES: readonly string[] = SUITES.filter((name) => name.startsWith('TLS_'));

/** Lines (without comment marks) that say what the file is and which worker belongs to it. */
export function heading(plan: ProxyPlan, where: readonly string[]): string[] {
  const workers = plan.upstreams.map((upstream) => `  ${workerFor(plan, formatUpstream(upstream))}`);
  return [
    `wss://${publicHost(plan)}${plan.path} with ${plan.proxy}: TLS ends here, plain ws goes on to ${
      plan.upstreams.length === 1 ? 'the worker' : 'the workers'
    }.`,
    '',
    ...workers,
    '',
    plan.proxyProtocol
      ? 'Who connects is told in a PROXY header, which this option requires from the proxy and refuses from others.'
      : 'The client is whom X-Forwarded-For names: it is set here, and believed from this address only.',
    ...(isLocal(plan) ? [] : ['from: the address that this machine has towards the worker.']),
    '',
    ...where,
  ];
}

export function comment(lines: readonly string[], indent: string = ''): string {
  return lines.map((line) => `${indent}# ${line}`.trimEnd()).join('\n');
}

/** The domain, with the port where it is not the usual one. */
export function publicHost({ domain, port }: ProxyPlan): string {
  return port === 443 ? domain : `${domain}:${port}`;
}

/** Letters, digits and `_`: a name of our own for what belongs to this domain and path. */
export function identifier({ domain, path }: ProxyPlan): string {
  return `usta_${domain}${path}`.replaceAll(/[^a-zA-Z0-9]+/g, '_').replace(/_$/, '');
}

function workerFor(plan: ProxyPlan, place: string): string {
  const from = `['${trusted(plan)}']`;
  const believes = plan.proxyProtocol
    ? `proxyProtocol: ${from}`
    : `trustProxy: { from: ${from}, header: 'x-forwarded-for' }`;
  const path = plan.path === '/' ? '' : `path: '${plan.path}', `;
  return `new Worker('websocket://${place}', { ${path}${believes} });`;
}

/** Where the worker sees the proxy come from. */
function trusted({ upstreams }: ProxyPlan): string {
  const host = upstreams[0]?.host ?? '';
  if (host === '::1') return '::1';
  return isLoopback(host) ? '127.0.0.1' : '10.0.0.1';
}

function isLocal({ upstreams }: ProxyPlan): boolean {
  return upstreams.every(({ host }) => isLoopback(host));
}
