import type { TcpConnection } from '../connection/tcp-connection.ts';
import type { Session } from './session.ts';

/** A connection that can be reached from everywhere, and what belongs to it. */
export class Client {
  readonly id: string;
  /** Within this process. */
  readonly number: number;
  readonly connection: TcpConnection;
  uid: string | undefined;
  readonly groups: Set<string> = new Set();
  /** Each change makes it a new one. */
  sessionVersion = 0;
  /** Changes by those who handle its events: so they know which of theirs a session they are told has in it. */
  sessionChanges = 0;
  #session: Session = {};

  constructor(id: string, number: number, connection: TcpConnection) {
    this.id = id;
    this.number = number;
    this.connection = connection;
  }

  get session(): Session {
    return this.#session;
  }

  set session(session: Session) {
    this.#session = session;
    this.sessionVersion++;
  }
}
