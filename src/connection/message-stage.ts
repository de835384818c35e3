import type { Stage } from './stage.ts';
import type { TcpConnection } from './tcp-connection.ts';

/** Protocols that are nothing but messages: `tcp://` and those of users. */
export const messageStage: Stage = {
  name: 'tcp',
  message(connection, message) {
    connection.call('onMessage', connection.handlers.onMessage, message);
  },
  ended: (connection) => connection.finish(),
  failed: breakOff,
  close: (connection) => connection.finish(),
  dismiss: (connection) => connection.isOpen && connection.finish(),
  handlerFailed: breakOff,
  expired: breakOff,
  visit: (connection, time) => connection.checkStall(time),
};

function breakOff(connection: TcpConnection): void {
  connection.wire.destroy();
}
