import { currentClock } from '../clock.ts';
import { contained } from '../contained.ts';
import { UsageError } from '../errors.ts';
import { nearest } from '../nearest.ts';
import { publish } from '../telemetry.ts';
import { type Calendar, readCalendar } from './calendar.ts';
import { currentStation, type Dutiful, discharge, enlist } from './duty.ts';

/** How a job is done. */
export interface CronOptions {
  /** A timezone of the IANA list, such as `Europe/Istanbul`. Default: that of the machine. */
  readonly timezone?: string;
  /**
   * `'first'` (the default) does it in one process: the first of the worker in whose `onWorkerStart` it was made, or
   * the first of the service where it was made outside. `'all'` does it in each process that has made it.
   */
  readonly onlyOn?: 'first' | 'all';
  /** What it is called in the log. Default: the expression. */
  readonly name?: string;
  /** Leaves out what is due while a run (its promise included) has not ended. Default true. */
  readonly protect?: boolean;
}

/** @param due when it was due; it may be done a little later. */
export type CronCallback = (due: Date) => unknown;

/** No wait is longer, in milliseconds: the time of day may be set meanwhile, or the machine may sleep. */
const LONGEST_WAIT = 60_000;

const OPTION_NAMES = ['timezone', 'onlyOn', 'name', 'protect'];

/** Something that is done at times of the calendar, by one process or by all. */
export class CronJob implements Dutiful {
  readonly #calendar: Calendar;
  readonly #callback: CronCallback;
  readonly #over: () => void;
  readonly #options: CronOptions;
  readonly #name: string;
  /** Made for the service, before this process knew its worker. */
  readonly #isOfService: boolean = currentStation() === undefined;
  #callOff: () => void = () => {};
  /** Runs that have not ended. */
  #runs = 0;
  /** The log knows that one takes too long. */
  #told = false;

  /**
   * @param over called when nothing is due any more.
   * @throws {UsageError} the expression or an option cannot be used, or nothing will ever be due.
   */
  constructor(expression: string, callback: CronCallback, options: CronOptions, over: () => void) {
    proveOptions(options);
    this.#calendar = readCalendar(expression, options.timezone);
    this.#callback = callback;
    this.#options = options;
    this.#over = over;
    this.#name = options.name ?? expression;
    if (this.#calendar.after(currentClock().date()) === undefined)
      throw new UsageError('E_CRON', `cron ${JSON.stringify(expression)} never comes`);
    enlist(this);
  }

  goOn(since: number): void {
    this.stop();
    if (this.#isOurs) this.#await(since);
  }

  stop(): void {
    this.#callOff();
  }

  end(): void {
    discharge(this);
  }

  get #isOurs(): boolean {
    const station = currentStation();
    if (station === undefined || this.#options.onlyOn === 'all') return true;
    return this.#isOfService ? station.firstOfService : station.firstOfWorker;
  }

  /** Waits for the first that is later. */
  #await(moment: number): void {
    const due = this.#calendar.after(moment);
    if (due !== undefined) return this.#approach(due);
    this.end();
    this.#over();
  }

  #approach(due: number): void {
    const clock = currentClock();
    const rest = due - clock.date();
    this.#callOff = clock.schedule(
      Math.max(0, Math.min(rest, LONGEST_WAIT)),
      () => (clock.date() < due ? this.#approach(due) : this.#arrive(due)),
      true,
    );
  }

  /** What else was due while the process was busy is left out. */
  #arrive(due: number): void {
    this.#await(Math.max(due, currentClock().date()));
    if (this.#runs > 0 && this.#options.protect !== false) return this.#leaveOut();
    this.#told = false;
    this.#run(new Date(due));
  }

  #run(due: Date): void {
    this.#runs++;
    const ended = (): void => {
      this.#runs--;
    };
    contained(`cron ${this.#name}`, () => this.#callback(due), { ended });
  }

  #leaveOut(): void {
    if (this.#told) return;
    this.#told = true;
    publish('usta:notice', {
      text: `cron ${this.#name} is due, but has not ended: it is left out until it has`,
    });
  }
}

function proveOptions(options: CronOptions): void {
  for (const name of Object.keys(options)) {
    if (OPTION_NAMES.includes(name)) continue;
    const meant = nearest(name, OPTION_NAMES);
    const hint = meant ? `did you mean ${meant}?` : `there are ${OPTION_NAMES.join(', ')}`;
    throw new UsageError('E_CRON', `cron has no option ${name}; ${hint}`);
  }
  const { onlyOn = 'first' } = options;
  if (onlyOn !== 'first' && onlyOn !== 'all')
    throw new UsageError('E_CRON', `cron's onlyOn is 'first' or 'all', not ${JSON.stringify(onlyOn)}`);
}
