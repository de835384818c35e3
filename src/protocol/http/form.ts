import { HttpProtocolError } from '../../errors.ts';
import { readParameterized } from './parameters.ts';

export interface FormLimits {
  /** Fields of a form; more are answered 413. Default 1,000. */
  readonly maxFields?: number;
}

const AMPERSAND = 0x26;
const MOST_FIELDS = 1000;
const TYPE = 'application/x-www-form-urlencoded';

/**
 * Reads the body that a form sends by default.
 *
 * @param contentType of the request.
 * @throws {HttpProtocolError} 415 for another type or charset, 413 for too many fields.
 * @see https://url.spec.whatwg.org/#urlencoded-parsing
 */
export function readForm(
  contentType: string | undefined,
  body: Buffer,
  { maxFields = MOST_FIELDS }: FormLimits = {},
): URLSearchParams {
  const type = contentType === undefined ? undefined : readParameterized(contentType);
  if (type?.value !== TYPE) throw new HttpProtocolError(415, `a form is sent as ${TYPE}`);
  const charset = type.parameters.get('charset') ?? 'utf-8';
  if (!/^utf-?8$/i.test(charset)) throw new HttpProtocolError(415, 'a form is sent in UTF-8');
  checkCount(body, maxFields);
  return new URLSearchParams(body.toString('utf8'));
}

/** Before any of them is made. */
function checkCount(body: Buffer, most: number): void {
  let count = body.length === 0 ? 0 : 1;
  for (let at = body.indexOf(AMPERSAND); at >= 0; at = body.indexOf(AMPERSAND, at + 1)) count++;
  if (count > most) throw new HttpProtocolError(413, `the form has more than ${most} fields`);
}
