import { RequestAbortedError, UsageError } from '../../errors.ts';
import type { RequestBody } from './request-body.ts';
import type { ResponseStream } from './response-stream.ts';

/** What is under way of one request and its answer while either is streamed. */
export class Exchange {
  body: RequestBody | undefined;
  answer: ResponseStream | undefined;

  /** The answer is complete: what has not come of the body is not given out any more. */
  conclude(): void {
    this.#over(
      () => new UsageError('E_HTTP_STREAMED', 'the request is answered: the rest of its body is not read'),
    );
  }

  /** The connection is at its end. */
  abort(): void {
    this.#over(() => new RequestAbortedError('the peer left before the body of its request had come whole'));
  }

  #over(reason: () => Error): void {
    this.body?.fail(reason());
    this.answer?.conclude();
  }
}
