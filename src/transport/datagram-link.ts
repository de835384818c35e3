import { createSocket, type Socket } from 'node:dgram';
import { type LookupAddress, lookup } from 'node:dns';
import { isIPv6 } from 'node:net';
import { type Address, isIp } from './address.ts';

type IpAddress = Extract<Address, { kind: 'ip' }>;

/** Who hears of a link. After `closed`, nothing. */
export interface DatagramLinkSink {
  /** The system knows a way there: `remote` and `local` are told. Whether anybody is there, nobody knows. */
  opened(): void;
  /** @param bytes one datagram from there, the sink's to keep. */
  received(bytes: Buffer): void;
  /** Something that was sent did not arrive, as the network has told (ICMP). The link goes on. */
  undelivered(error: Error): void;
  /** @param error why it could not be opened; `undefined` when it was closed by us. */
  closed(error?: Error): void;
}

/** A UDP socket that exchanges datagrams with one address, and hears of nobody else. */
export class DatagramLink {
  remote: Address;
  local: Address = { kind: 'ip', host: '', port: 0 };
  readonly #sink: DatagramLinkSink;
  readonly #from: { readonly host: string; readonly port: number } | undefined;
  #socket: Socket | undefined;
  #isOpen = false;
  /** Sent, and not taken by the kernel yet. */
  #underWay = 0;
  #ending = false;
  #isOver = false;

  /**
   * Looks the name up, and takes the first of its addresses that there is a way to; `opened` or `closed`
   * follows, never within this call.
   *
   * @param local our own end, where the system is not to choose it.
   */
  constructor(
    to: IpAddress,
    local: { readonly host: string; readonly port: number } | undefined,
    sink: DatagramLinkSink,
  ) {
    this.remote = to;
    this.#sink = sink;
    this.#from = local;
    if (isIp(to.host)) {
      queueMicrotask(() => this.#try([to.host]));
      return;
    }
    const family = local === undefined ? 0 : isIPv6(local.host) ? 6 : 4;
    lookup(to.host, { all: true, family }, (error, found) => {
      if (error) this.#close(error);
      else this.#try(found.map(({ address }: LookupAddress) => address));
    });
  }

  /** Bytes that the kernel has not taken. */
  get queuedBytes(): number {
    return this.#isOpen ? (this.#socket?.getSendQueueSize() ?? 0) : 0;
  }

  /** From `opened` on. What the network says of it is told by `undelivered`. */
  send(bytes: Buffer): void {
    if (!this.#isOpen || this.#ending) return;
    this.#underWay++;
    this.#socket?.send(bytes, (error) => {
      this.#underWay--;
      if (error && !this.#isOver) this.#sink.undelivered(error);
      if (this.#ending && this.#underWay === 0) this.#close();
    });
  }

  /** Closes when the kernel has taken what was sent. */
  end(): void {
    this.#ending = true;
    if (this.#underWay === 0) this.#close();
  }

  #try([host, ...others]: readonly string[], failure?: Error): void {
    if (this.#isOver) return;
    if (host === undefined) return this.#close(failure);
    const at = { kind: 'ip', host, port: (this.remote as IpAddress).port } as const;
    const socket = createSocket({ type: isIPv6(host) ? 'udp6' : 'udp4', lookup: asItIs as never });
    this.#socket = socket;
    socket.once('error', (error) => {
      socket.removeAllListeners().close();
      this.#socket = undefined;
      this.#try(others, error);
    });
    socket.once('connect', () => this.#open(socket, at));
    if (this.#from === undefined) socket.connect(at.port, at.host);
    else
      socket.bind({ address: this.#from.host, port: this.#from.port, exclusive: true }, () =>
        socket.connect(at.port, at.host),
      );
  }

  #open(socket: Socket, remote: IpAddress): void {
    const { address, port } = socket.address();
    this.remote = remote;
    this.local = { kind: 'ip', host: address, port };
    this.#isOpen = true;
    socket.removeAllListeners('error').on('error', (error) => this.#sink.undelivered(error));
    socket.on('message', (bytes) => this.#sink.received(bytes));
    this.#sink.opened();
  }

  #close(error?: Error): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#isOpen = false;
    this.#socket?.removeAllListeners().on('error', () => {});
    this.#socket?.close();
    queueMicrotask(() => this.#sink.closed(error));
  }
}

/** A host that is an address needs no looking up. */
function asItIs(
  name: string,
  family: number,
  done: (error: null, address: string, family: number) => void,
): void {
  done(null, name, family);
}
