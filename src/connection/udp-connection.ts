import type { Address } from '../transport/address.ts';
import { Ends } from './ends.ts';

/** Where answers to datagrams go. */
export interface Mailbox<Out> {
  readonly local: Address;
  /** @returns false when it cannot be sent. */
  post(message: Out, to: Address, raw: boolean): boolean;
}

/** Who has sent a datagram: there is no connection underneath, only an address to answer to. */
export class UdpConnection<Out = string | Uint8Array> extends Ends {
  /** @internal */
  readonly wire: { readonly remote: Address; readonly local: Address; readonly secure: false };
  readonly #mailbox: Mailbox<Out>;
  #isOpen = true;

  /** @internal */
  constructor(mailbox: Mailbox<Out>, remote: Address) {
    super();
    this.#mailbox = mailbox;
    this.wire = { remote, local: mailbox.local, secure: false };
  }

  /**
   * Sends one datagram to where the message came from, at any time. Nobody knows whether it arrives.
   *
   * @param raw true sends bytes as they are, without the protocol.
   * @returns false when it was not sent: after `close()`, over 65,507 bytes, or more than
   *   `maxSendBufferSize` waits to be sent.
   */
  send(message: Out, raw: boolean = false): boolean {
    return this.#isOpen && this.#mailbox.post(message, this.wire.remote, raw);
  }

  /** Sends nothing more after `last`; the other side hears nothing of it. */
  close(last?: Out): void {
    if (last !== undefined) this.send(last);
    this.#isOpen = false;
  }
}
