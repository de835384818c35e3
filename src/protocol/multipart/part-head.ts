import { HttpProtocolError } from '../../errors.ts';
import { isToken, trimBlanks } from '../http/grammar.ts';
import { readParameterized } from '../http/parameters.ts';

/** What is said of a part in front of it. */
export interface PartHead {
  /** Of the field in the form. */
  readonly name: string;
  /** As it was sent, which may be a path, or `''`; `undefined` for a field that is no file. */
  readonly filename: string | undefined;
  /** Content-Type as it was sent, which is what the sender believes. Default `text/plain`. */
  readonly type: string;
}

/** HTML's escapes for what would end a quoted string or a line. */
const ESCAPES: Readonly<Record<string, string>> = { '%22': '"', '%0D': '\r', '%0A': '\n' };
const PLAIN_ENCODING = /^(7bit|8bit|binary)$/i;

/**
 * @param lines of the head, in UTF-8.
 * @throws {HttpProtocolError} 400: it is malformed, or says nothing of a form's field.
 * @see RFC 7578 §4.2 — Content-Disposition, §4.4 — Content-Type, §4.7 — Content-Transfer-Encoding
 */
export function readPartHead(lines: readonly string[]): PartHead {
  const fields = readFields(lines);
  const disposition = readParameterized(fields.get('content-disposition') ?? '');
  const name = disposition?.parameters.get('name');
  if (disposition?.value !== 'form-data' || name === undefined) {
    throw malformed('a part has no Content-Disposition: form-data with a name');
  }
  if (!PLAIN_ENCODING.test(fields.get('content-transfer-encoding') ?? 'binary')) {
    throw malformed('a part has a Content-Transfer-Encoding (RFC 7578 §4.7)');
  }
  return {
    name: unescaped(name),
    filename: disposition.parameters.get('filename'),
    type: fields.get('content-type') ?? 'text/plain',
  };
}

export function malformed(what: string): HttpProtocolError {
  return new HttpProtocolError(400, `multipart: ${what}`);
}

function readFields(lines: readonly string[]): Map<string, string> {
  const fields = new Map<string, string>();
  for (const line of lines) {
    const colon = line.indexOf(':');
    const name = line.slice(0, Math.max(colon, 0)).toLowerCase();
    if (!isToken(name) || /[\r\n\0]/.test(line)) throw malformed('a line in the head of a part is no field');
    if (fields.has(name)) throw malformed(`a part has ${name} twice`);
    fields.set(name, trimBlanks(line.slice(colon + 1)));
  }
  return fields;
}

/** @see https://html.spec.whatwg.org/#multipart-form-data — names of fields */
function unescaped(name: string): string {
  return name.replace(/%22|%0D|%0A/gi, (sent) => ESCAPES[sent.toUpperCase()] ?? sent);
}
