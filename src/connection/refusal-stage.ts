import { HttpProtocolError } from '../errors.ts';
import type { HttpServerCodec } from '../protocol/http/http-codec.ts';
import type { Request } from '../protocol/http/request.ts';
import { publish, type TlsFailure } from '../telemetry.ts';
import { formatAddress } from '../transport/address.ts';
import { answer, plain } from './http-stage.ts';
import type { Stage } from './stage.ts';
import type { TcpConnection } from './tcp-connection.ts';

/** Tells whoever speaks plain HTTP to a TLS port what to use instead; anything else is closed. */
export const refusalStage: Stage = {
  name: 'refusal',
  message(connection, message) {
    const request = message as Request;
    const host = request.header('host') ?? formatAddress(connection.wire.local);
    const target = `${host}${request.target.startsWith('/') ? request.target : '/'}`;
    const text = `this port speaks TLS; use https://${target} or wss://${target}`;
    connection.note({ by: 'us', how: 'refused', reason: 'plain HTTP on a TLS port' });
    tell(connection, 'plain-text', 'plain HTTP on a TLS port');
    answer(connection, plain(400, text, { Connection: 'close' }));
    if (connection.isOpen) connection.finish();
  },
  ended: (connection) => connection.finish(),
  failed(connection) {
    refuse(connection, new HttpProtocolError(400, 'this port speaks TLS (https, wss)'));
  },
  close: (connection) => connection.finish(),
  dismiss: (connection) => connection.finish(),
  handlerFailed: (connection) => connection.finish(),
  expired: (connection) => connection.wire.destroy(),
  visit() {},
};

function refuse(connection: TcpConnection, error: HttpProtocolError): void {
  const codec = connection.codec as unknown as HttpServerCodec;
  tell(connection, 'garbage', 'neither TLS nor HTTP on a TLS port');
  connection.write((out) => codec.refuse(error, out));
  connection.finish();
}

function tell({ wire: { remote, local } }: TcpConnection, cause: TlsFailure, reason: string): void {
  publish('usta:tls:failed', { remote: formatAddress(remote), local: formatAddress(local), cause, reason });
}
