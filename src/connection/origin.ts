import type { Request } from '../protocol/http/request.ts';
import { isLoopback } from '../transport/address.ts';

export interface OriginPolicy {
  /** Origins that are welcome, or `'*'` for all; a strict list refuses every other. */
  readonly origins?: readonly string[] | '*';
}

export type OriginVerdict =
  | { readonly welcome: true; readonly notice?: string }
  | { readonly welcome: false; readonly reason: string };

const FORWARDED = ['x-real-ip', 'x-forwarded-for', 'forwarded', 'via'];

/**
 * Whether a page of that origin may open a WebSocket here.
 *
 * A foreign page is refused when the browser sends the user's credentials along, which is how a hostile
 * page would act in their name. Without credentials it can do nothing that any program could not.
 *
 * @see RFC 6455 §10.2 — Origin Considerations
 */
export function judgeOrigin(request: Request, policy: OriginPolicy, peerIsLoopback: boolean): OriginVerdict {
  const origin = request.header('origin');
  if (origin === undefined || policy.origins === '*') return { welcome: true };
  if (policy.origins !== undefined) return listed(origin, policy.origins);

  if (hostOf(origin) === request.host?.toLowerCase()) return { welcome: true };
  if (request.header('cookie') === undefined && request.header('authorization') === undefined) {
    return { welcome: true };
  }
  if (
    peerIsLoopback &&
    isLoopback(request.host ?? '') &&
    FORWARDED.some((name) => request.header(name) !== undefined)
  ) {
    return {
      welcome: true,
      notice:
        'the proxy in front does not pass the Host header, so origins cannot be compared; ' +
        'nginx: proxy_set_header Host $host; Apache: ProxyPreserveHost On',
    };
  }
  return foreign(origin);
}

function listed(origin: string, origins: readonly string[]): OriginVerdict {
  return origins.includes(origin) ? { welcome: true } : foreign(origin);
}

function foreign(origin: string): OriginVerdict {
  const shown = JSON.stringify(origin.slice(0, 100));
  return {
    welcome: false,
    reason: `origin ${shown} is not welcome here; the server's option is origins: [${shown}]`,
  };
}

/** An Origin that is no http(s) URL (`null`, `weapp://…`, a list) has no host: it is just foreign. */
function hostOf(origin: string): string | undefined {
  if (!/^https?:\/\/[^/\s,]+$/i.test(origin)) return undefined;
  try {
    return new URL(origin).hostname.toLowerCase();
  } catch {
    return undefined;
  }
}
