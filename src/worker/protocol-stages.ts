import { CompressingCodec } from '../connection/http/compressing-codec.ts';
import { Request } from '../connection/http/request.ts';
import { HttpStage } from '../connection/http-stage.ts';
import type { Limits } from '../connection/limits.ts';
import { examinedMessageStage, messageStage } from '../connection/message-stage.ts';
import type { Beginning } from '../connection/switching.ts';
import type { Trust } from '../connection/trust.ts';
import { UpgradeDesk } from '../connection/upgrade-desk.ts';
import { ExaminedWebSocketStage, WebSocketStage } from '../connection/websocket-stage.ts';
import { HttpServerCodec } from '../protocol/http/http-codec.ts';
import { RawCodec } from '../protocol/raw-codec.ts';
import type { WorkerAddress } from './address.ts';
import { isStreamed } from './fetch/web-request.ts';
import type { WorkerOptions } from './options.ts';
import { compressionOf } from './prove-options.ts';

/** @param spoken what is spoken: its name, and what makes its codecs. */
export function beginningOf(
  { protocol, own }: Pick<WorkerAddress, 'protocol' | 'own'>,
  options: WorkerOptions,
  { limits, trust }: { readonly limits: Limits; readonly trust: Trust | undefined },
): Beginning {
  if (own) {
    const packages = { maxPackageSize: limits.maxMessage };
    const { message } = options;
    const stage = message ? examinedMessageStage(protocol, message) : messageStage(protocol);
    return { stage, makeCodec: () => own.makeCodec(packages), begin() {} };
  }
  if (protocol === 'tcp') return { stage: messageStage('tcp'), makeCodec: () => new RawCodec(), begin() {} };
  const webSocket = protocol === 'websocket';
  const desk = upgradeDesk(webSocket, options, limits);
  const { streamBody = options.fetch ? isStreamed : false } = options;
  const stage = new HttpStage(webSocket ? 'onRequest' : 'onMessage', desk, { trust, streamBody });
  const http = { maxBody: limits.maxBody };
  const codec = { announces: streamBody !== false, Request };
  const compression = compressionOf(options);
  return {
    stage,
    makeCodec: compression
      ? () => new CompressingCodec(http, codec, compression)
      : () => new HttpServerCodec(http, codec),
    begin: (connection) => stage.begin(connection),
  };
}

function upgradeDesk(webSocket: boolean, options: WorkerOptions, limits: Limits): UpgradeDesk {
  const { path, protocols, origins, deflate, message, maxInflateRatio } = options;
  const { accept = message ? 'text' : 'both' } = options;
  const wanted = typeof deflate === 'object' ? deflate : {};
  return new UpgradeDesk({
    ...(path === undefined ? {} : { path }),
    ...(protocols === undefined ? {} : { protocols }),
    ...(origins === undefined ? {} : { origins }),
    ...(deflate ? { deflate: { threshold: wanted.threshold ?? 1024, level: wanted.level ?? 6 } } : {}),
    stage: message
      ? new ExaminedWebSocketStage(message)
      : new WebSocketStage(webSocket ? 'onMessage' : 'onWebSocketMessage'),
    codec: {
      role: 'server',
      maxMessage: limits.maxMessage,
      accept,
      ...(maxInflateRatio === undefined ? {} : { maxInflateRatio }),
    },
  });
}
