import type { FileBody } from '../../protocol/http/file-body.ts';
import { planFile } from '../../protocol/http/file-plan.ts';
import type { RequestHead } from '../../protocol/http/request.ts';
import type { Response } from '../../protocol/http/response.ts';
import { FileSource } from './file-source.ts';
import { openFile } from './open-file.ts';

/**
 * Finds out what a response becomes whose body is a file.
 *
 * @returns the response, and how to close the file when it is not sent after all.
 * @throws what the system says when the file cannot be read for another reason than that it is missing or forbidden.
 */
export async function resolveFile(
  head: RequestHead,
  response: Response,
): Promise<{ readonly answer: Response; close(): void }> {
  const body = response.fileBody as FileBody;
  const file = await openFile(body);
  if (typeof file === 'number') return { answer: refused(response, file), close() {} };
  const { handle, facts } = file;
  const etag = response.header('etag') ?? facts.etag;
  const { status, headers, start, length } = planFile(head, response.status, { ...facts, etag }, body);
  const hasBody = status === response.status || status === 206;
  const told = hasBody ? { ...headers, 'Content-Length': String(length) } : headers;
  if (hasBody && length > 0 && head.method !== 'HEAD') {
    const source = new FileSource(handle, start, length);
    return { answer: response.resolved(status, told, source), close: () => void source.destroy() };
  }
  await handle.close();
  return { answer: response.resolved(status, told), close() {} };
}

function refused(response: Response, status: 403 | 404): Response {
  const text = status === 404 ? 'not found\n' : 'forbidden\n';
  return response.resolved(status, { 'Content-Type': 'text/plain; charset=utf-8' }, text);
}
