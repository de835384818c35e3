/** What the word before `://` means, where it is ours. */
export const SCHEMES = {
  websocket: { protocol: 'websocket', tls: false },
  ws: { protocol: 'websocket', tls: false },
  wss: { protocol: 'websocket', tls: true },
  http: { protocol: 'http', tls: false },
  https: { protocol: 'http', tls: true },
  text: { protocol: 'text', tls: false },
  frame: { protocol: 'frame', tls: false },
  tcp: { protocol: 'tcp', tls: false },
  ssl: { protocol: 'tcp', tls: true },
  unix: { protocol: 'tcp', tls: false },
  udp: { protocol: 'udp', tls: false },
} as const;

export type Scheme = keyof typeof SCHEMES;
export type ProtocolName = (typeof SCHEMES)[Scheme]['protocol'];
