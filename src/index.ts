import './upload/request-methods.ts';

export type { ByteWriter } from './bytes/byte-writer.ts';
export type { Source } from './bytes/source.ts';
export type { AcmeOptions } from './certificates/acme/options.ts';
export { type DevelopmentCertificate, developmentCertificate } from './certificates/development.ts';
export type { SslOptions } from './certificates/ssl-options.ts';
export {
  Channel,
  type JobCounts,
  type JobFacts,
  type JobLimits,
  type WatchOptions,
} from './channel/channel.ts';
export type { CloseCause, CloseManner, CloseStatus } from './connection/close-cause.ts';
export { ErrorCode } from './connection/handlers.ts';
export type { CompressOptions } from './connection/http/compression.ts';
export type { EventStream, EventStreamOptions } from './connection/http/event-stream.ts';
export { Request } from './connection/http/request.ts';
export type { ResponseStream } from './connection/http/response-stream.ts';
export {
  type StaticFilesHandler,
  type StaticFilesOptions,
  staticFiles,
} from './connection/http/static-files.ts';
export type { InvalidMessage, MessageSchema, SchemaIssue } from './connection/message-schema.ts';
export type { NextHandler, NextProtocol } from './connection/switching.ts';
export { type HttpData, TcpConnection, type WebSocketData } from './connection/tcp-connection.ts';
export { UdpConnection } from './connection/udp-connection.ts';
export {
  HttpProtocolError,
  PeerError,
  ProtocolError,
  RequestAbortedError,
  SystemError,
  UsageError,
  UstaError,
  WebSocketProtocolError,
} from './errors.ts';
export { type BusinessOptions, BusinessWorker } from './gateway/business-worker.ts';
export type { Client } from './gateway/client.ts';
export { type CurrentClient, client } from './gateway/current-client.ts';
export type { DoorOptions } from './gateway/door/door-options.ts';
export type { EventHandler } from './gateway/event-handler.ts';
export type { ClientCloseCause, ClientRequest } from './gateway/events.ts';
export { Gateway, Gateway as GatewayWorker, type GatewayConstructor } from './gateway/gateway.ts';
export type { Handling, OwnRouter, Router } from './gateway/routers.ts';
export type { Session } from './gateway/session.ts';
export type { Codec, CodecEvent, ControlEvent } from './protocol/codec.ts';
export { defineProtocol, type ProtocolDefinition } from './protocol/define-protocol.ts';
export { Chunk } from './protocol/http/chunk.ts';
export type { FormLimits } from './protocol/http/form.ts';
export { type BodyStream, type FileOptions, Response } from './protocol/http/response.ts';
export { type ServerSentEvent, ServerSentEvents } from './protocol/http/server-sent-events.ts';
export type { CookieOptions } from './protocol/http/set-cookie.ts';
export type { PackageLimits, Protocol } from './protocol/protocol.ts';
export { CloseCode } from './protocol/websocket/close-code.ts';
export { Worker } from './public-worker.ts';
export { FileStore, type FileStoreOptions } from './session/file-store.ts';
export type { HttpSession } from './session/http-session.ts';
export { MemoryStore, type MemoryStoreOptions } from './session/memory-store.ts';
export { RedisStore, type RedisStoreOptions } from './session/redis-store.ts';
export type { SessionStore, SessionWrite, StoredSession } from './session/session-store.ts';
export { Sessions, type SessionsOptions } from './session/sessions.ts';
export { subscribe, type Telemetry } from './telemetry.ts';
export { type CronOptions, Timer } from './timer.ts';
export type { UploadLimits } from './upload/limits.ts';
export type { Part } from './upload/part.ts';
export { safeName } from './upload/safe-name.ts';
export type { Upload, UploadOptions } from './upload/upload.ts';
export type { UploadedFile } from './upload/uploaded-file.ts';
export { AsyncTcpConnection } from './worker/client/async-tcp-connection.ts';
export { AsyncUdpConnection, type AsyncUdpOptions } from './worker/client/async-udp-connection.ts';
export type { ClientOptions, ReconnectOptions } from './worker/client/options.ts';
export type { FetchHandler, FetchInfo } from './worker/fetch/fetch-handler.ts';
export type { Logger } from './worker/log.ts';
export type { WorkerOptions } from './worker/options.ts';
export { registerProtocol } from './worker/protocols.ts';
export * from './worker/registered.ts';
export type { Statistics } from './worker/statistics.ts';
export type { UdpHandlers, UdpOptions, UdpWorker } from './worker/udp-worker.ts';
