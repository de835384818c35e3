import { type ChallengeAnswer, ChallengeAnswers } from '../../../src/certificates/acme/challenges.ts';
import type { AcmeOptions } from '../../../src/certificates/acme/options.ts';
import { Renewal, type RenewalEvent } from '../../../src/certificates/acme/renewal.ts';
import type { CertifiedPair } from '../../../src/certificates/acme/store.ts';
import { TestClock } from './test-clock.ts';

/** A service as far as its certificates see it: what it serves, answers and was told. */
export class TestService {
  readonly clock: TestClock;
  readonly renewal: Renewal;
  /** Certificates in the order they were put into service. */
  readonly installed: CertifiedPair[] = [];
  readonly events: RenewalEvent[] = [];
  /** Every list of answers that was to be presented. */
  readonly presented: (readonly ChallengeAnswer[])[] = [];
  readonly answers: ChallengeAnswers = new ChallengeAnswers();

  constructor(
    acme: AcmeOptions,
    more: {
      readonly clock?: TestClock;
      readonly deadlineMs?: number;
      readonly random?: () => number;
      /** Which answers its listeners give; all by default. */
      readonly answered?: (answer: ChallengeAnswer) => boolean;
    } = {},
  ) {
    this.clock = more.clock ?? new TestClock();
    this.renewal = new Renewal({
      acme,
      clock: this.clock,
      random: more.random ?? (() => 0.5),
      ...(more.deadlineMs === undefined ? {} : { deadlineMs: more.deadlineMs }),
      install: (pair) => void this.installed.push(pair),
      report: (event) => void this.events.push(event),
      present: (answers) => {
        this.presented.push(answers);
        this.answers.replace(answers.filter(more.answered ?? (() => true)));
      },
    });
  }

  /** Resolves when it was told so for the `count`th time. @returns that event. */
  async told(state: RenewalEvent['state'], count: number = 1): Promise<RenewalEvent> {
    const found = (): RenewalEvent | undefined => this.events.filter((one) => one.state === state)[count - 1];
    await this.clock
      .until(() => found() !== undefined, `${state} for the ${count}. time`)
      .catch((error) => {
        throw new Error(`${error.message}; told were ${JSON.stringify(this.events)}`);
      });
    const event = found();
    if (!event) throw new Error('unreachable');
    return event;
  }
}
