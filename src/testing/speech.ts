import { randomBytes } from 'node:crypto';
import type { ByteWriter } from '../bytes/byte-writer.ts';
import type { CloseStatus } from '../connection/close-cause.ts';
import { HttpProtocolError } from '../errors.ts';
import type { Codec, CodecEvent } from '../protocol/codec.ts';
import type { ResponseHead } from '../protocol/http/response-head.ts';
import { ResponseHeadCodec } from '../protocol/http/response-head-codec.ts';
import { checkResponse, clientRequest } from '../protocol/websocket/client-handshake.ts';
import { CloseCode } from '../protocol/websocket/close-code.ts';
import { webSocketCodecs } from '../protocol/websocket/websocket-codec.ts';

/** Who speaks: the end of a connection that a test holds. */
export interface Speaker {
  codec: Codec<unknown, unknown>;
  subprotocol: string | undefined;
  pings: number;
  /** Goes on in another protocol, which begins with what the old one has not read. */
  become(codec: Codec<unknown, unknown>): void;
  /** Messages can be sent. */
  ready(): void;
  write(append: (out: ByteWriter) => void): void;
  heard(message: unknown): void;
  /** Ends our side; the other follows. */
  finish(status?: CloseStatus): void;
}

/** How a client talks in its protocol. */
export interface Speech {
  makeCodec(): Codec<unknown, unknown>;
  /** The wire is open. */
  begin(speaker: Speaker): void;
  /** @throws {PeerError} the server has said what cannot be gone on with. */
  hear(speaker: Speaker, event: CodecEvent<unknown>): void;
  close(speaker: Speaker, code: number, reason: string): void;
}

/** A protocol that is nothing but messages. */
export function messages(makeCodec: () => Codec<unknown, unknown>): Speech {
  return {
    makeCodec,
    begin: (speaker) => speaker.ready(),
    hear(speaker, event) {
      if (event.type === 'message') speaker.heard(event.message);
      else if (event.type === 'end') speaker.finish();
    },
    close: (speaker) => speaker.finish(),
  };
}

/** What a WebSocket is opened with. */
export interface WebSocketOpening {
  /** Path and query. Default `/`. */
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly origin?: string;
  /** Subprotocols to ask for, the best first. */
  readonly protocols?: readonly string[];
  /** False is a peer that seems dead: pings stay without a pong. Default true. */
  readonly answerPings?: boolean;
}

/** @see RFC 6455 §4.1 — Client Requirements */
export function webSocket(host: string, opening: WebSocketOpening): Speech {
  const { path = '/', headers = {}, origin, protocols = [], answerPings = true } = opening;
  const key = randomBytes(16).toString('base64');
  const make = webSocketCodecs({ role: 'client', maxMessage: Number.MAX_SAFE_INTEGER });
  let closeSent = false;

  const close = (speaker: Speaker, code: number | undefined, reason: string): void => {
    if (closeSent) return;
    closeSent = true;
    speaker.write((out) => speaker.codec.encodeClose?.(code, reason, out));
  };

  return {
    makeCodec: () => new ResponseHeadCodec() as Codec<unknown, unknown>,
    begin(speaker) {
      const head = clientRequest({ host, path, key, protocols, headers, origin });
      speaker.write((out) => out.writeLatin1(head));
    },
    hear(speaker, event) {
      if (speaker.codec instanceof ResponseHeadCodec) {
        const head = (event as { readonly message: ResponseHead }).message;
        speaker.subprotocol = agreed(head, speaker, { key, protocols });
        speaker.become(make() as Codec<unknown, unknown>);
        return speaker.ready();
      }
      switch (event.type) {
        case 'message':
          return speaker.heard(event.message);
        case 'ping':
          speaker.pings++;
          if (answerPings) speaker.write((out) => speaker.codec.encodePong?.(event.payload, out));
          return;
        case 'end': {
          const { code, reason = '' } = event;
          close(speaker, code, '');
          speaker.finish({ code: code ?? CloseCode.noStatus, reason });
        }
      }
    },
    close,
  };
}

function agreed(
  head: ResponseHead,
  { codec }: Speaker,
  { key, protocols }: { readonly key: string; readonly protocols: readonly string[] },
): string | undefined {
  try {
    return checkResponse(head, key, { protocols }).protocol;
  } catch (error) {
    if (!(error instanceof HttpProtocolError)) throw error;
    throw new HttpProtocolError(error.status, `${error.message}: ${codec.rest().toString().trim()}`);
  }
}
