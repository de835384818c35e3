import { type Source, sourceOf } from '../bytes/source.ts';
import { PackageTooLongError, PeerError } from '../errors.ts';
import type { Codec, CodecEvent } from '../protocol/codec.ts';
import { publish } from '../telemetry.ts';
import { now } from '../timer.ts';
import { formatAddress } from '../transport/address.ts';
import type { Sink, Wire, WireCause } from '../transport/engine.ts';
import { currentTurn } from '../transport/turn.ts';
import type { Holder } from './budget.ts';
import { type AnyHandlers, Callbacks } from './callbacks.ts';
import { type CloseCause, type CloseNotes, concludeClose } from './close-cause.ts';
import { deafCodec } from './deaf-codec.ts';
import type { Host } from './host.ts';
import type { Stage } from './stage.ts';
import { turnTime } from './turn-clock.ts';
import type { Watched } from './watch.ts';

/** Reasons not to take the next message, one bit each; reading stops while there is any. */
export const Hold = {
  /** `pauseRecv()` was called. */
  user: 1,
  /** Our own send queue is long: a peer that does not read is not served. */
  backlog: 2,
  /** This turn's share is used up; the others come first. */
  turn: 4,
  /** An upgrade is being decided. */
  decision: 8,
  /** An ordered handler has not finished. */
  handler: 16,
  /** A request has not been answered. */
  answer: 32,
  /** Its messages are handled in another process, which has enough of them. */
  elsewhere: 64,
  /** A schema takes its time with a message. */
  examination: 128,
} as const;

/** How far a connection has come, with Workerman's numbers. */
export const Status = {
  initial: 0,
  connecting: 1,
  established: 2,
  ending: 4,
  closing: 8,
  closed: 16,
} as const;

/** The peer broke a rule, or came over a limit of ours. */
const RULE = { by: 'peer', how: 'protocol' } as const;
const LIMIT = { by: 'us', how: 'limit' } as const;

/**
 * Where one wire meets one codec: the only loop of the house. It takes one event at a time, so a
 * handler may pause, close or change the protocol between two messages of one chunk.
 */
export abstract class Conversation extends Callbacks implements Sink, Holder, Watched {
  /** Unique in this process, from 1. */
  readonly id: number;
  /** Bytes received, in the protocol's own form (after TLS). */
  bytesRead = 0;
  bytesWritten = 0;

  /** @internal */
  readonly host: Host;
  /** @internal Another one each time a client connects. */
  wire: Wire;
  /** @internal */
  codec: Codec<unknown, unknown>;
  /** @internal The codec's: what is encoded for one connection of a dialect serves all of it. */
  dialect: object | undefined;
  /** @internal */
  stage: Stage;
  /** @internal When what is awaited must have come (`now()`), and what that is. */
  deadline: number = Number.POSITIVE_INFINITY;
  /** @internal */
  awaited = '';
  /** @internal When the peer last showed life: a byte came, or it took some that had waited. */
  aliveAt: number;
  /** @internal */
  pingAt: number = Number.POSITIVE_INFINITY;
  protected status: number = Status.established;
  protected notes: CloseNotes | undefined;
  #openedAt: number;
  #holds = 0;
  #working = false;
  #reading = true;
  #turn = 0;
  #turnMessages = 0;
  #turnBytes = 0;
  #second = 0;
  #secondMessages = 0;
  #whenClosed: ((cause: CloseCause) => void) | undefined;
  #whenLeaving: (() => void) | undefined;
  #heldIn = 0;
  #heldOut = 0;

  constructor(host: Host, wire: Wire) {
    super(host.handlers);
    this.id = host.nextId();
    this.host = host;
    this.wire = wire;
    this.stage = host.stage;
    this.codec = host.makeCodec();
    this.dialect = this.codec.dialect;
    this.aliveAt = this.#openedAt = now();
    wire.sink = this;
  }

  get heldBytes(): number {
    return this.#heldIn + this.#heldOut;
  }

  /** @internal */
  get isOpen(): boolean {
    return this.status === Status.established;
  }

  /** @internal False while we do not listen on purpose, so that silence means nothing. */
  get listens(): boolean {
    return (this.#holds & ~(Hold.backlog | Hold.turn)) === 0;
  }

  /** @internal The peer has finished sending without a word; it may still read. */
  get peerHasEnded(): boolean {
    return this.notes?.by === 'peer' && this.notes.how === 'fin';
  }

  /** @internal */
  get isClosed(): boolean {
    return this.status === Status.closed;
  }

  /** @internal */
  accepted(): void {}

  /** @internal */
  opened(): void {}

  /** @internal */
  received(_wire: Wire, source: Source, start: number, end: number): void {
    this.bytesRead += end - start;
    this.aliveAt = turnTime();
    this.codec.push(source, start, end);
    if (this.#working) this.codec.retain();
    else this.work();
  }

  /** @internal */
  ended(): void {
    this.note({ by: 'peer', how: 'fin' });
    this.#whenLeaving?.();
    this.stage.ended(this.self);
  }

  /** @internal */
  buffered(_wire: Wire, delta: number): void {
    if (this.isClosed) return;
    this.#heldOut += delta;
    this.host.budget.change(delta);
    if (delta < 0) {
      this.aliveAt = turnTime();
      this.queueMoved();
    }
    if ((this.#holds & Hold.backlog) !== 0 && !this.#isBacklogged()) this.release(Hold.backlog);
  }

  /** @internal */
  closed(_wire: Wire, cause: WireCause): void {
    if (this.isClosed) return;
    this.status = Status.closed;
    if (cause.error) this.note({ by: 'network', how: 'reset', error: cause.error });
    this.host.budget.change(-this.heldBytes);
    this.#heldIn = this.#heldOut = 0;
    this.codec.abandon?.();
    this.codec = deafCodec;
    const { bytesRead, bytesWritten } = this;
    const time = now();
    const tally = {
      idle: (time - this.aliveAt) / 1000,
      age: (time - this.#openedAt) / 1000,
      bytesRead,
      bytesWritten,
    };
    const conclusion = concludeClose(this.notes ?? {}, tally);
    this.host.leave(this.self, conclusion);
    this.tellClosed(conclusion);
    this.#whenLeaving?.();
    this.#whenClosed?.(conclusion);
    this.endAnswering();
  }

  protected tellClosed(conclusion: CloseCause): void {
    this.call('onClose', this.handlers.onClose, conclusion);
  }

  /** Begins over another wire, as if it were new: a client connects, or comes back. */
  protected beginAnew(wire: Wire): void {
    this.wire = wire;
    this.stage = this.host.stage;
    this.codec = this.host.makeCodec();
    this.dialect = this.codec.dialect;
    this.notes = undefined;
    this.bytesRead = this.bytesWritten = this.#holds = 0;
    this.#reading = true;
    this.deadline = this.pingAt = Number.POSITIVE_INFINITY;
    this.aliveAt = this.#openedAt = now();
    wire.sink = this;
  }

  /** @internal Tells it too, behind `onClose`. */
  whenClosed(tell: (cause: CloseCause) => void): void {
    const before = this.#whenClosed;
    this.#whenClosed = before
      ? (cause) => {
          before(cause);
          tell(cause);
        }
      : tell;
  }

  /** @internal Calls this one, in place of any before, when the peer has finished sending and when the connection closes. */
  whenLeaving(tell: (() => void) | undefined): void {
    this.#whenLeaving = tell;
  }

  /** @internal */
  visit(time: number): void {
    if (time >= this.deadline) {
      this.deadline = Number.POSITIVE_INFINITY;
      this.note({ by: 'us', how: 'deadline', reason: this.awaited });
      return this.stage.expired(this.self, this.awaited);
    }
    this.stage.visit(this.self, time);
  }

  /** @internal It was closed over a limit and has not gone. */
  get leaving(): boolean {
    return !this.isOpen && this.notes?.how === 'limit';
  }

  /** @internal Gives back what is held, for the sake of all others, and says 1013; asked again, it goes at once. */
  shed(): void {
    this.note({
      by: 'us',
      how: 'limit',
      reason: 'the process holds too many bytes; this connection held most',
    });
    this.report(1013, 'the process holds too many bytes');
    if (!this.isOpen || !this.wire.discard()) return this.#cutOff();
    this.stage.close(this.self, 1013, 'try again later');
    if (!this.isClosed) this.finish();
  }

  /** @internal Awaits something for so long; `Infinity` awaits nothing. */
  expect(what: string, milliseconds: number): void {
    this.awaited = what;
    this.deadline = now() + milliseconds;
  }

  /** @internal Goes on in another protocol, which begins with what the old one has not read, behind `before`. */
  become(codec: Codec<unknown, unknown>, stage: Stage, before?: Uint8Array): void {
    const unread = this.codec.rest();
    const rest = before === undefined ? unread : Buffer.concat([before, unread]);
    this.codec = codec;
    this.dialect = codec.dialect;
    this.stage = stage;
    if (rest.length > 0) codec.push(sourceOf(rest), 0, rest.length);
    this.#countHeld();
  }

  /** @internal Reads and drops from here on. */
  deafen(): void {
    this.codec.abandon?.();
    this.codec = deafCodec;
    this.dialect = undefined;
    this.#countHeld();
  }

  /** @internal Ends our side after what is queued, and waits for the peer to end its own. */
  finish(): void {
    this.status = Status.closing;
    this.deafen();
    this.expect('the end of the connection', this.host.limits.closeMs);
    this.wire.end();
    this.#holds = 0;
    this.work();
  }

  /** @internal */
  hold(reason: number): void {
    this.#holds |= reason;
    if (!this.#working) this.#settle();
  }

  /** @internal */
  release(reason: number): void {
    if ((this.#holds & reason) === 0) return;
    this.#holds &= ~reason;
    this.aliveAt = now();
    this.work();
  }

  /** @internal */
  note(notes: CloseNotes): void {
    this.notes = { ...notes, ...this.notes };
  }

  /** @internal */
  report(code: number, reason: string): void {
    publish('usta:connection:failed', { remote: formatAddress(this.remote), code, reason });
  }

  /** @internal Takes events until there is none, or a reason to wait. */
  work(): void {
    if (this.#working || this.isClosed) return;
    this.#working = true;
    while (this.#holds === 0) {
      const event = this.#pull();
      if (event === undefined) {
        this.stage.starved?.(this.self);
        break;
      }
      this.#perform(event);
      if (this.#isBacklogged()) this.#holds |= Hold.backlog;
    }
    this.#working = false;
    this.codec.retain();
    this.#countHeld();
    this.#settle();
  }

  protected override handlerIsAwaited(name: keyof AnyHandlers, awaited: boolean): void {
    if (!this.host.ordered || (name !== 'onMessage' && name !== 'onWebSocketMessage')) return;
    if (awaited) this.#holds |= Hold.handler;
    else this.release(Hold.handler);
  }

  protected override blamesPeer(error: PeerError): boolean {
    return this.isOpen && this.stage.blame?.(this.self, error) === true;
  }

  protected override noteFailure(error: unknown): void {
    this.note({ by: 'us', how: 'handler', ...(error instanceof Error ? { error } : {}) });
  }

  protected override closeAfterFailure(): void {
    if (this.status === Status.established) this.stage.handlerFailed(this.self);
  }

  /** @internal What waited for an answer need not wait any more. */
  abstract endAnswering(): void;
  /** Some of the send queue has left. */
  protected abstract queueMoved(): void;

  #pull(): CodecEvent<unknown> | undefined {
    try {
      return this.codec.pull();
    } catch (error) {
      if (!(error instanceof PeerError)) return this.#broken(error);
      const fault = error instanceof PackageTooLongError ? LIMIT : RULE;
      this.note({ ...fault, reason: error.message, error });
      this.stage.failed(this.self, error);
      return undefined;
    }
  }

  /** A fault of ours, in a codec: it costs this connection and no other. */
  #broken(error: unknown): undefined {
    publish('usta:handler:failed', { callback: 'codec', error, connection: this.id });
    this.noteFailure(error);
    this.wire.destroy();
  }

  #perform(event: CodecEvent<unknown>): void {
    switch (event.type) {
      case 'message':
        // What was collected for this message is held no more: its handler may bring others to their limit.
        if (this.#heldIn > 0) this.#countHeld();
        this.#spend(event.message);
        this.host.tally.messagesReceived++;
        if (this.status === Status.established) this.stage.message(this.self, event.message);
        return;
      case 'end':
        return this.stage.farewell?.(this.self, event.code, event.reason ?? '');
      case 'head':
        return this.stage.partial?.(this.self, event);
      case 'piece':
        this.#spendTurn(event.bytes.length);
        return this.stage.partial?.(this.self, event);
      default:
        this.#spend(undefined);
        return this.stage.control?.(this.self, event);
    }
  }

  #spend(message: unknown): void {
    const { messagesPerSecond } = this.host.limits;
    if (messagesPerSecond !== Number.POSITIVE_INFINITY) this.#countSecond(messagesPerSecond);
    this.#spendTurn(typeof message === 'string' || message instanceof Uint8Array ? message.length : 0);
  }

  /** @param size in bytes (of text, characters). */
  #spendTurn(size: number): void {
    const turn = currentTurn();
    if (turn !== this.#turn) {
      this.#turn = turn;
      this.#turnMessages = this.#turnBytes = 0;
    }
    const { turnMessages, turnBytes } = this.host.limits;
    this.#turnBytes += size;
    if (++this.#turnMessages < turnMessages && this.#turnBytes < turnBytes) return;
    this.#holds |= Hold.turn;
    setImmediate(() => this.release(Hold.turn));
  }

  /** @param most messages in one second by the clock. */
  #countSecond(most: number): void {
    const second = Math.floor(turnTime() / 1000);
    if (second !== this.#second) this.#secondMessages = 0;
    this.#second = second;
    if (++this.#secondMessages <= most || !this.isOpen) return;
    const reason = `more than ${most} messages in a second`;
    this.note({ by: 'us', how: 'limit', reason });
    this.report(1008, reason);
    this.stage.close(this.self, 1008, reason);
  }

  /** Only what the wire has reported is sure to be reported when it leaves: the rest may go within this turn. */
  #isBacklogged(): boolean {
    if (this.#heldOut === 0) return false;
    return this.wire.bufferedBytes > this.host.limits.readPauseQueue && this.status === Status.established;
  }

  /** Reading follows the holds, but only once they have settled: most come and go within one event. */
  #settle(): void {
    const read = this.#holds === 0;
    if (read === this.#reading || this.isClosed) return;
    this.#reading = read;
    if (read) this.wire.resume();
    else this.wire.pause();
  }

  /** What is under way is freed when the wire has closed, which is sure from here on. */
  #cutOff(): void {
    this.wire.destroy();
    this.host.budget.change(-this.heldBytes);
    this.#heldIn = this.#heldOut = 0;
  }

  #countHeld(): void {
    const delta = this.codec.heldBytes - this.#heldIn;
    if (delta === 0) return;
    this.#heldIn += delta;
    this.host.budget.change(delta);
  }
}
