import { WebSocketProtocolError } from '../errors.ts';
import { listHas } from '../protocol/http/grammar.ts';
import type { ResponseHead } from '../protocol/http/response-head.ts';
import { type ClientAgreement, checkResponse } from '../protocol/websocket/client-handshake.ts';
import { acceptKey } from '../protocol/websocket/handshake.ts';
import type { Code } from './catalogue.ts';
import type { Values } from './sentence.ts';

/** A 101 that a client accepts, or what it holds against it. */
export type Agreed =
  | { readonly kind: 'agreed'; readonly agreement: ClientAgreement }
  | { readonly kind: 'fault'; readonly code: Code; readonly values: Values };

/**
 * Checks a 101 as a browser does, and tells which rule it breaks.
 *
 * @see RFC 6455 §4.1 — the server's response; WHATWG WebSockets, establish a connection
 */
export function checkAgreement(head: ResponseHead, key: string, protocols: readonly string[]): Agreed {
  const { headers } = head;
  const upgrade = headers.get('upgrade') ?? '';
  const connection = headers.get('connection') ?? '';
  if (upgrade.toLowerCase() !== 'websocket' || !listHas(connection, 'upgrade') || head.version !== '1.1') {
    const detail = `HTTP/${head.version}, Upgrade: ${upgrade || '-'}, Connection: ${connection || '-'}`;
    return { kind: 'fault', code: 'upgrade-fields-missing', values: { detail } };
  }
  const accept = headers.get('sec-websocket-accept');
  if (accept !== acceptKey(key)) {
    return { kind: 'fault', code: 'accept-key-wrong', values: { detail: accept ?? '-' } };
  }
  const chosen = headers.get('sec-websocket-protocol');
  const offered = protocols.join(', ');
  if (chosen !== undefined && !protocols.includes(chosen)) {
    const none = { en: 'none', tr: 'hiçbiri' };
    return { kind: 'fault', code: 'subprotocol-unoffered', values: { chosen, offered: offered || none } };
  }
  if (chosen === undefined && protocols.length > 0) {
    return { kind: 'fault', code: 'subprotocol-missing', values: { offered } };
  }
  return checkExtensions(head, key, protocols);
}

function checkExtensions(head: ResponseHead, key: string, protocols: readonly string[]): Agreed {
  try {
    return { kind: 'agreed', agreement: checkResponse(head, key, { protocols, deflate: true }) };
  } catch (error) {
    if (!(error instanceof WebSocketProtocolError)) throw error;
    const extensions = `${head.headers.get('sec-websocket-extensions') ?? ''} (${error.message})`;
    return { kind: 'fault', code: 'extension-unoffered', values: { extensions } };
  }
}
