export { type Examinee, examineCodec, type Tell } from './codec-examination.ts';
export { type ClientOf, type ConnectOptions, connect, type WebSocketClient } from './connect.ts';
export { type FakeClock, type FakeClockOptions, fakeClock } from './fake-clock.ts';
export { HttpClient, type RequestParts } from './http-client.ts';
export type { MessageClient } from './message-client.ts';
export { stop } from './stand.ts';
