import { UsageError } from '../../errors.ts';
import { isFieldValue, isToken } from './grammar.ts';

/** One line, or several lines of the same name. */
export type HeaderValue = string | readonly string[];

/**
 * Refuses names and values that could end a line or cannot be sent.
 *
 * @throws {UsageError}
 * @see RFC 9110 §5.5 — Field Values
 */
export function checkHeader(name: string, values: readonly string[]): void {
  if (!isToken(name)) throw new UsageError('E_HTTP_HEADER', `${JSON.stringify(name)} is not a header name`);
  for (const value of values) {
    if (isFieldValue(value)) continue;
    throw new UsageError(
      'E_HTTP_HEADER',
      `the value of ${name} holds a line break, another control character, whitespace at an end or a character beyond Latin-1`,
    );
  }
}
