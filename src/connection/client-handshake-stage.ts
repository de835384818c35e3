import { HttpProtocolError, type PeerError } from '../errors.ts';
import type { ResponseHead } from '../protocol/http/response-head.ts';
import { type ClientAgreement, checkResponse } from '../protocol/websocket/client-handshake.ts';
import type { Stage } from './stage.ts';
import type { TcpConnection } from './tcp-connection.ts';

/** What a client waits for once it has asked. */
export const ANSWER = 'the answer to the WebSocket handshake';

/** What was asked, and who goes on when it is agreed. */
export interface ClientQuestion {
  readonly key: string;
  readonly protocols: readonly string[];
  readonly deflate: boolean;
  readonly agreed: (agreement: ClientAgreement, head: ResponseHead) => void;
}

/** Between the request for a WebSocket and its 101. @see RFC 6455 §4.1 — Client Requirements */
export class ClientHandshakeStage implements Stage {
  readonly name = 'http';
  readonly #question: ClientQuestion;

  constructor(question: ClientQuestion) {
    this.#question = question;
  }

  message(connection: TcpConnection, message: unknown): void {
    const head = message as ResponseHead;
    if (head.status < 200 && head.status !== 101) return;
    try {
      const { key, agreed } = this.#question;
      agreed(checkResponse(head, key, this.#question), head);
    } catch (error) {
      this.failed(connection, withDetails(error as PeerError, head, connection.codec.rest()));
    }
  }

  failed(connection: TcpConnection, error: PeerError): void {
    const how = error instanceof HttpProtocolError ? 'refused' : 'protocol';
    connection.note({ by: 'peer', how, reason: error.message, error });
    connection.wire.destroy();
  }

  ended(connection: TcpConnection): void {
    connection.wire.destroy();
  }

  close(connection: TcpConnection): void {
    connection.wire.destroy();
  }

  dismiss(connection: TcpConnection): void {
    connection.wire.destroy();
  }

  handlerFailed(connection: TcpConnection): void {
    connection.wire.destroy();
  }

  expired(connection: TcpConnection): void {
    connection.wire.destroy();
  }

  visit(): void {}
}

/** A refusal often says why in its body; of that, what came along with its head is told. */
function withDetails(error: PeerError, { headers }: ResponseHead, rest: Buffer): PeerError {
  if (!(error instanceof HttpProtocolError)) return error;
  const location = headers.get('location');
  const plain = headers.get('content-type')?.startsWith('text/plain') ?? false;
  const text = location === undefined ? (plain ? firstLine(rest) : '') : `it is at ${printable(location)}`;
  return text === '' ? error : new HttpProtocolError(error.status, `${error.message}: ${text}`);
}

function firstLine(bytes: Buffer): string {
  const [line = ''] = bytes.toString('utf8', 0, 300).trim().split('\n');
  return printable(line);
}

function printable(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}]/gu, ' ').slice(0, 200);
}
