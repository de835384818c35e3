import { SystemError } from '../errors.ts';
import { after } from '../timer.ts';

/** Seconds until a question that somebody has not answered has failed. */
const ANSWER_SECONDS = 5;

/** Questions that were asked and wait for answers. */
export class Questions {
  readonly #open = new Map<number, Question>();
  #last = 0;

  open(nameOf: (id: string) => string): Question {
    this.#last = (this.#last % 0xffffffff) + 1;
    const number = this.#last;
    const question = new Question(number, nameOf, () => this.#open.delete(number));
    this.#open.set(number, question);
    return question;
  }

  /** @param answer kept. */
  answered(number: number, from: string, answer: Buffer): void {
    this.#open.get(number)?.answered(from, answer);
  }

  failed(number: number, from: string): void {
    this.#open.get(number)?.failed(from);
  }

  /** Who has gone does not answer. */
  left(id: string): void {
    for (const question of [...this.#open.values()]) question.excuse(id);
  }

  close(): void {
    for (const question of [...this.#open.values()]) question.fail('E_BUS_CLOSED', CLOSED);
  }
}

export const CLOSED = 'this process has left the bus';

/** One question, to several at the same time. */
export class Question {
  readonly number: number;
  readonly answers: Promise<ReadonlyMap<string, Buffer>>;
  readonly #nameOf: (id: string) => string;
  readonly #waiting = new Set<string>();
  readonly #come = new Map<string, Buffer>();
  readonly #over: () => void;
  #resolve: (answers: ReadonlyMap<string, Buffer>) => void = () => {};
  #reject: (error: Error) => void = () => {};
  #isPut = false;

  constructor(number: number, nameOf: (id: string) => string, over: () => void) {
    this.number = number;
    this.#nameOf = nameOf;
    const callOff = after(ANSWER_SECONDS * 1000, () => this.#silent());
    this.#over = () => {
      callOff();
      over();
    };
    this.answers = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    // It may fail before somebody waits for it.
    this.answers.catch(() => {});
  }

  expect(id: string): void {
    this.#waiting.add(id);
  }

  /** It is not there, or not any more. */
  excuse(id: string): void {
    if (this.#waiting.delete(id)) this.#settle();
  }

  answered(from: string, answer: Buffer): void {
    if (!this.#waiting.delete(from)) return;
    this.#come.set(from, answer);
    this.#settle();
  }

  failed(from: string): void {
    if (this.#waiting.has(from))
      this.fail('E_BUS_ANSWER', `${this.#nameOf(from)} could not answer: its log says why`);
  }

  /** It is there, and could not be asked. */
  lost(id: string): void {
    this.fail('E_BUS_SILENT', `${this.#nameOf(id)} cannot be asked now: it does not read, or the bus is cut`);
  }

  /** All who are asked have been told. */
  put(): void {
    this.#isPut = true;
    this.#settle();
  }

  fail(code: string, message: string): void {
    this.#over();
    this.#reject(new SystemError(code, message));
  }

  #silent(): void {
    const names = [...this.#waiting].map(this.#nameOf).join(', ');
    this.fail('E_BUS_SILENT', `${names} did not answer within ${ANSWER_SECONDS} s`);
  }

  #settle(): void {
    if (!this.#isPut || this.#waiting.size > 0) return;
    this.#over();
    this.#resolve(this.#come);
  }
}
