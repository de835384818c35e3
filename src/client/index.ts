export type { Client, ClientEvents, SendOptions, Status } from './client.ts';
export type { CloseCause, CloseManner, Ending } from './close-cause.ts';
export { connect } from './connect.ts';
export { json } from './json.ts';
export type { Address } from './link.ts';
export type { ClientOptions, Format, PingOptions } from './options.ts';
export type { Data, Received, SocketConstructor, SocketLike } from './socket.ts';
