import { ADDRESS, type AddressCode } from './catalogue/address.ts';
import { ANSWER, type AnswerCode } from './catalogue/answer.ts';
import { CERTIFICATE, type CertificateCode } from './catalogue/certificate.ts';
import type { Entries } from './catalogue/entry.ts';
import { NETWORK, type NetworkCode } from './catalogue/network.ts';
import { REFUSAL, type RefusalCode } from './catalogue/refusal.ts';
import { TLS, type TlsCode } from './catalogue/tls.ts';
import { WEBSOCKET, type WebSocketCode } from './catalogue/websocket.ts';
import type { Finding } from './finding.ts';
import { say, type Values } from './sentence.ts';
import type { ServerKind } from './server-kind.ts';

/** What can be found from outside. */
export type Code =
  | AddressCode
  | NetworkCode
  | TlsCode
  | CertificateCode
  | AnswerCode
  | RefusalCode
  | WebSocketCode;

/** Everything that can be found, in the order of the examination. */
export const CATALOGUE: Entries<Code> = {
  ...ADDRESS,
  ...NETWORK,
  ...TLS,
  ...CERTIFICATE,
  ...ANSWER,
  ...REFUSAL,
  ...WEBSOCKET,
};

/**
 * What was found, in sentences.
 *
 * @param values for the gaps; they may come from the network as they are.
 * @param server whose words the remedy should use.
 */
export function finding(code: Code, values: Values = {}, server?: ServerKind): Finding {
  const { severity, cause, remedy, inWordsOf } = CATALOGUE[code];
  const own = server === undefined ? undefined : inWordsOf?.[server];
  return { code, severity, cause: say(cause, values), remedy: say(own ?? remedy, values) };
}
