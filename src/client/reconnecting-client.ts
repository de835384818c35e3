import type { Client, ClientEvents, SendOptions, Status } from './client.ts';
import { type Ending, isDeliberate, isPassing, type LinkEnd } from './close-cause.ts';
import { delayAfter } from './delay.ts';
import { type Address, Link } from './link.ts';
import { contained, Listeners } from './listeners.ts';
import type { Settings } from './options.ts';
import { byteLength, Outbox } from './outbox.ts';
import { Pulse } from './pulse.ts';
import type { Received } from './socket.ts';
import type { PageNews, World } from './world.ts';

const nothing = (): void => {};

/** Decides when there is a connection; `Link` is the connection. */
export class ReconnectingClient<In, Out> implements Client<In, Out> {
  readonly #address: Address;
  readonly #settings: Settings<In, Out>;
  readonly #world: World;
  readonly #listeners = new Listeners<ClientEvents<In>>();
  readonly #outbox: Outbox;
  #status: Status = 'connecting';
  #link: Link | undefined;
  #pulse: Pulse | undefined;
  #failures = 0;
  #wasOpen = false;
  /** The page is frozen or kept for the way back: an open socket would make the browser discard it. */
  #isHidden = false;
  /** The browser was offline since the connection was opened. */
  #isDoubtful = false;
  #cancelRetry: () => void = nothing;
  #stopWatching: () => void = nothing;

  constructor(address: Address, settings: Settings<In, Out>, world: World) {
    this.#address = address;
    this.#settings = settings;
    this.#world = world;
    this.#outbox = new Outbox(settings.maxQueuedBytes, settings.maxQueuedMessages);
    this.#begin();
  }

  get status(): Status {
    return this.#status;
  }

  get bufferedAmount(): number {
    return this.#outbox.bytes + (this.#link?.bufferedAmount ?? 0);
  }

  get protocol(): string {
    return this.#link?.protocol ?? '';
  }

  on<Name extends keyof ClientEvents<In>>(
    name: Name,
    listener: (value: ClientEvents<In>[Name]) => void,
  ): () => void {
    return this.#listeners.on(name, listener);
  }

  send(message: Out, { queue = true }: SendOptions = {}): boolean {
    const data = this.#settings.encode(message);
    if (this.#status === 'closing' || this.#status === 'closed') return false;
    const link = this.#link;
    if (!link?.isOpen) return queue && this.#outbox.push(data);
    if (link.bufferedAmount >= this.#settings.maxQueuedBytes) return false;
    link.send(data);
    return true;
  }

  reconnect(): void {
    this.#failures = 0;
    if (this.#status === 'closed') this.#begin();
    else if (this.#link) this.#link.end({ how: 'renewed', code: 1000, reason: 'reconnect() was called' });
    else this.#attempt();
  }

  close(code: number = 1000, reason: string = ''): void {
    if (code !== 1000 && !(code >= 3000 && code <= 4999)) {
      throw new RangeError(`close: the code must be 1000 or 3000 to 4999, not ${code}`);
    }
    if (byteLength(reason) > 123) throw new RangeError('close: the reason has more than 123 bytes');
    if (this.#status === 'closing' || this.#status === 'closed') return;
    if (!this.#link) return this.#ended({ how: 'closed', code, reason });
    this.#pulse?.stop();
    const { isOpen } = this.#link;
    this.#link.close(code, reason);
    if (isOpen) this.#turn('closing');
  }

  #begin(): void {
    this.#isHidden = false;
    this.#stopWatching = this.#world.watch((news) => this.#hear(news));
    this.#attempt();
  }

  #attempt(): void {
    this.#cancelRetry();
    if (this.#isHidden || this.#world.isOffline()) return this.#turn('waiting');
    this.#link = new Link(this.#address, this.#settings, this.#world, {
      opened: () => this.#opened(),
      received: (data) => this.#received(data),
      ended: (end) => this.#ended(end),
    });
    this.#turn('connecting');
  }

  #opened(): void {
    const link = this.#link as Link;
    const { ping, encode } = this.#settings;
    if (ping) this.#pulse = new Pulse(this.#world, ping, link, () => link.send(encode(ping.message)));
    const isAgain = this.#wasOpen;
    this.#wasOpen = true;
    this.#isDoubtful = false;
    this.#turn('open', () => {
      this.#listeners.emit('open', isAgain);
      while (link.isOpen && link === this.#link && this.#outbox.length > 0) {
        link.send(this.#outbox.shift() ?? '');
      }
    });
  }

  #received(data: Received): void {
    this.#pulse?.heard();
    const { decode, ping } = this.#settings;
    contained(() => {
      const message = decode(data);
      if (!ping?.isPong(message)) this.#listeners.emit('message', message);
    });
  }

  #ended(end: LinkEnd): void {
    const age = this.#link?.age;
    const { stableAfter } = this.#settings;
    this.#cancelRetry();
    this.#pulse?.stop();
    this.#pulse = this.#link = undefined;
    if (age !== undefined && age >= stableAfter) this.#failures = 0;
    else if (!isDeliberate(end)) this.#failures++;
    const ending = { ...end, wasOpen: age !== undefined, failures: this.#failures };
    const retryIn = this.#retryIn(ending);
    const cause = { ...ending, retryIn, unsent: this.#outbox.length };
    if (retryIn === undefined) {
      this.#stopWatching();
      this.#outbox.clear();
    } else this.#cancelRetry = this.#world.after(retryIn * 1000, () => this.#attempt());
    this.#turn(retryIn === undefined ? 'closed' : 'waiting', () => this.#listeners.emit('close', cause));
  }

  #retryIn(ending: Ending): number | undefined {
    if (ending.how === 'renewed') return 0;
    if (ending.how === 'closed' || this.#status === 'closing') return undefined;
    if (ending.how === 'hidden') return 0;
    const usual = isPassing(ending);
    if (!contained(() => this.#settings.shouldReconnect(ending, usual), usual)) return undefined;
    return delayAfter(ending, this.#settings, this.#world.random());
  }

  #hear(news: PageNews): void {
    if (this.#status === 'closing') return;
    if (news === 'offline') this.#isDoubtful = true;
    else if (news === 'hidden') this.#hide();
    else this.#wake(news);
  }

  #hide(): void {
    this.#isHidden = true;
    this.#link?.end({ how: 'hidden', code: 1000, reason: 'the page is put away' });
  }

  /** A page that comes back may hold a connection that died while nobody could hear it. */
  #wake(news: PageNews): void {
    if (news === 'shown') this.#isHidden = false;
    if (this.#status === 'waiting') return this.#attempt();
    if (this.#status !== 'open') return;
    if (this.#pulse) this.#pulse.check();
    else if (news === 'online' && this.#isDoubtful) {
      this.#link?.end({ how: 'renewed', code: 1000, reason: 'the network came back' });
    }
  }

  /** What listeners do meanwhile may turn it again: then that was told already. */
  #turn(status: Status, tell: () => void = nothing): void {
    const isNews = status !== this.#status;
    this.#status = status;
    tell();
    if (isNews && status === this.#status) this.#listeners.emit('status', status);
  }
}
