/**
 * What brings bytes from one machine to another: publish and subscribe, at most once, in order for each publisher.
 * Subjects consist of letters, digits, `-`, `_` and dots.
 */
export interface Medium {
  /**
   * Resolves when connected; from then on it connects again by itself, and subscribes again.
   *
   * @throws {SystemError} it cannot be reached, or does not let us in.
   */
  open(events: MediumEvents): Promise<void>;
  /** False before `open` and while there is no connection: what is published then is lost, and never sent later. */
  readonly isConnected: boolean;
  /** Larger ones cannot be published, in bytes. */
  readonly maxBytes: number;
  /** @returns false when so much is on its way already that this is not sent. */
  publish(subject: string, bytes: Buffer): boolean;
  subscribe(subject: string): void;
  unsubscribe(subject: string): void;
  /** Resolves when the subscriptions made so far are in force. */
  settled(): Promise<void>;
  /** Whether anybody is subscribed to it; true when that cannot be found out. */
  isHeard(subject: string): Promise<boolean>;
  /** Resolves when what was published is on its way, or after a moment. */
  close(): Promise<void>;
}

export interface MediumEvents {
  /** Never throws. */
  received(subject: string, bytes: Buffer): void;
  /** Connected again after it was not, and subscribed again; or not connected any more: why. */
  connection(isConnected: boolean, reason: string): void;
}
