import { HTTP_01_PATH } from '../certificates/acme/challenges.ts';
import type { Request } from '../protocol/http/request.ts';
import { Response } from '../protocol/http/response.ts';
import { challengeAnswers } from './challenges.ts';

/**
 * Answers plain HTTP beside a TLS port: an authority's question with its answer, everything else with the
 * way to https.
 *
 * @param securePort where https is, at the moment of the answer.
 * @see RFC 8555 §8.3 — HTTP Challenge
 */
export function plainPort(securePort: () => number): (connection: Answering, request: Request) => void {
  return (connection, request) => {
    const token = request.path.startsWith(HTTP_01_PATH) ? request.path.slice(HTTP_01_PATH.length) : undefined;
    const answer = token === undefined ? undefined : challengeAnswers.http01(token);
    if (answer !== undefined) {
      connection.send(new Response(200, { 'Content-Type': 'application/octet-stream' }, answer));
    } else if (request.host === undefined || !request.target.startsWith('/')) {
      connection.send(new Response(400, PLAIN, 'this port only leads to https\n'));
    } else {
      const port = securePort();
      const place = `https://${request.host}${port === 443 ? '' : `:${port}`}${request.target}`;
      connection.send(new Response(308, { ...PLAIN, Location: place }, `${place}\n`));
    }
  };
}

interface Answering {
  send(response: Response): boolean;
}

const PLAIN = { 'Content-Type': 'text/plain; charset=utf-8' };
