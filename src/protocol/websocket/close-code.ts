/** @see RFC 6455 §7.4.1 — Defined Status Codes, and the IANA registry of close codes */
export const CloseCode = {
  normal: 1000,
  goingAway: 1001,
  protocolError: 1002,
  unsupportedData: 1003,
  noStatus: 1005,
  invalidPayload: 1007,
  policyViolation: 1008,
  messageTooBig: 1009,
  missingExtension: 1010,
  internalError: 1011,
  serviceRestart: 1012,
  tryAgainLater: 1013,
} as const;

/**
 * Whether a code may stand in a close frame: 1004–1006 and 1015 never do.
 *
 * @see RFC 6455 §7.4.2 — Reserved Status Code Ranges
 */
export function isSendable(code: number): boolean {
  if (code >= 3000 && code <= 4999) return true;
  return code >= 1000 && code <= 1014 && (code < 1004 || code > 1006);
}
