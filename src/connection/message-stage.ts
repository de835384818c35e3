import { PackageTooLongError } from '../errors.ts';
import { CloseCode } from '../protocol/websocket/close-code.ts';
import { Examination, type MessageSchema } from './message-schema.ts';
import type { Stage } from './stage.ts';
import type { TcpConnection } from './tcp-connection.ts';

/**
 * For protocols that are nothing but messages: `tcp`, `text`, `frame` and those of users.
 *
 * @param name of the protocol.
 */
export function messageStage(name: string): Stage {
  return { ...MESSAGES, name };
}

/** The same, with messages that fit a schema. */
export function examinedMessageStage(name: string, schema: MessageSchema): Stage {
  const examination = new Examination(schema);
  return {
    ...messageStage(name),
    message: (connection, message) => examination.examine(connection, message, MESSAGES.message),
  };
}

const MESSAGES: Omit<Stage, 'name'> = {
  switches: true,
  message(connection, message) {
    connection.call('onMessage', connection.handlers.onMessage, message);
  },
  ended: (connection) => connection.finish(),
  farewell(connection, _code, reason) {
    connection.note({ by: 'peer', how: 'fin', reason });
    connection.finish();
  },
  failed(connection, error) {
    const code = error instanceof PackageTooLongError ? CloseCode.messageTooBig : CloseCode.protocolError;
    connection.report(code, error.message);
    breakOff(connection);
  },
  close: (connection) => connection.finish(),
  dismiss: (connection) => connection.isOpen && connection.finish(),
  handlerFailed: breakOff,
  expired: breakOff,
  visit: (connection, time) => connection.checkStall(time),
};

function breakOff(connection: TcpConnection): void {
  connection.wire.destroy();
}
