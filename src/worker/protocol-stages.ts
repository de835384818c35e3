import { Request } from '../connection/http/request.ts';
import { HttpStage } from '../connection/http-stage.ts';
import type { Limits } from '../connection/limits.ts';
import { messageStage } from '../connection/message-stage.ts';
import type { Stage } from '../connection/stage.ts';
import type { TcpConnection } from '../connection/tcp-connection.ts';
import type { Trust } from '../connection/trust.ts';
import { UpgradeDesk } from '../connection/upgrade-desk.ts';
import { WebSocketStage } from '../connection/websocket-stage.ts';
import type { Codec } from '../protocol/codec.ts';
import { HttpServerCodec } from '../protocol/http/http-codec.ts';
import { RawCodec } from '../protocol/raw-codec.ts';
import type { WorkerAddress } from './address.ts';
import type { WorkerOptions } from './options.ts';

/** How a connection of one protocol begins. */
export interface Beginning {
  readonly stage: Stage;
  makeCodec(): Codec<unknown, unknown>;
  /** Called when a connection is ready for its first byte. */
  begin(connection: TcpConnection): void;
}

export function beginningOf(
  { protocol, own }: WorkerAddress,
  options: WorkerOptions,
  { limits, trust }: { readonly limits: Limits; readonly trust: Trust | undefined },
): Beginning {
  if (own) {
    const packages = { maxPackageSize: limits.maxMessage };
    return { stage: messageStage(protocol), makeCodec: () => own.makeCodec(packages), begin() {} };
  }
  if (protocol === 'tcp') return { stage: messageStage('tcp'), makeCodec: () => new RawCodec(), begin() {} };
  const webSocket = protocol === 'websocket';
  const desk = upgradeDesk(webSocket, options, limits);
  const { streamBody = false } = options;
  const stage = new HttpStage(webSocket ? 'onRequest' : 'onMessage', desk, { trust, streamBody });
  const http = { maxBody: limits.maxBody };
  const codec = { announces: streamBody !== false, Request };
  return {
    stage,
    makeCodec: () => new HttpServerCodec(http, codec),
    begin: (connection) => stage.begin(connection),
  };
}

function upgradeDesk(webSocket: boolean, options: WorkerOptions, limits: Limits): UpgradeDesk {
  const { path, protocols, origins, deflate, accept = 'both', maxInflateRatio } = options;
  const wanted = typeof deflate === 'object' ? deflate : {};
  return new UpgradeDesk({
    ...(path === undefined ? {} : { path }),
    ...(protocols === undefined ? {} : { protocols }),
    ...(origins === undefined ? {} : { origins }),
    ...(deflate ? { deflate: { threshold: wanted.threshold ?? 1024, level: wanted.level ?? 6 } } : {}),
    stage: new WebSocketStage(webSocket ? 'onMessage' : 'onWebSocketMessage'),
    codec: {
      role: 'server',
      maxMessage: limits.maxMessage,
      accept,
      ...(maxInflateRatio === undefined ? {} : { maxInflateRatio }),
    },
  });
}
