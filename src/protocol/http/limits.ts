/** What one HTTP message may cost. A limit bites before the message is complete. */
export interface HttpLimits {
  /** Bytes of the request line (or status line) without its CRLF; more is answered 414. */
  readonly maxLine: number;
  /** Bytes of the whole head, or of the trailers, line ends included; more is answered 431. */
  readonly maxHead: number;
  /** Field lines of the head, or of the trailers; more is answered 431. */
  readonly maxFields: number;
  /** Bytes of the body, decoded; more is answered 413. */
  readonly maxBody: number;
  /** Bytes of a body that nobody reads, read over behind its answer; with more to come the connection ends. */
  readonly maxDrained: number;
}

export const HTTP_LIMITS: HttpLimits = {
  maxLine: 8 * 1024,
  maxHead: 16 * 1024,
  maxFields: 100,
  maxBody: 10 * 1024 * 1024,
  maxDrained: 256 * 1024,
};
