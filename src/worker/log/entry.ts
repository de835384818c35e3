export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/** What is known of an event besides its sentence. */
export interface LogDetails {
  /** `info` unless given. */
  readonly level?: LogLevel;
  /** The name of the event for programs, such as `usta:tls:failed`. */
  readonly event?: string;
  readonly fields?: Readonly<Record<string, string | number | boolean | undefined>>;
  /** What was thrown; anything may be. */
  readonly error?: unknown;
}

/** One event on its way into the log. */
export interface LogEntry extends LogDetails {
  /** ISO 8601. */
  readonly time: string;
  readonly pid: number;
  readonly level: LogLevel;
  readonly event: string;
  /** A sentence for people. */
  readonly text: string;
}
