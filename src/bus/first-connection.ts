import { SystemError } from '../errors.ts';
import { now, Timer } from '../timer.ts';

/** How long it is tried: servers and those who use them are often started together. */
const FIRST_MS = 5000;
const AGAIN_SECONDS = 0.25;
const UNTRUSTED = /CERT|SIGNATURE|ALTNAME/;

export interface Goal {
  /** `NATS`. */
  readonly what: string;
  /** Without credentials. */
  readonly shown: string;
  /** Whether it was reached, and does not let us in. */
  isRefusal(error: Error): boolean;
}

/** @throws {SystemError} after several tries, or when it is clear that more are of no use: what to do. */
export async function firstConnection<Connection>(
  { what, shown, isRefusal }: Goal,
  connect: () => Promise<Connection>,
): Promise<Connection> {
  for (const begun = now(); ; await Timer.sleep(AGAIN_SECONDS)) {
    try {
      return await connect();
    } catch (error) {
      const cause = error as NodeJS.ErrnoException;
      const fail = (code: string, text: string): SystemError => new SystemError(code, text, { cause });
      if (cause instanceof SystemError) throw cause;
      if (isRefusal(cause))
        throw fail(
          'E_BUS_REFUSED',
          `${shown} does not let us in: check user, password and the like of the bus`,
        );
      if (UNTRUSTED.test(cause.code ?? ''))
        throw fail(
          'E_BUS_UNTRUSTED',
          `${shown} shows no certificate that we trust (${cause.message}): set tls.ca of the bus`,
        );
      if (now() - begun < FIRST_MS) continue;
      const why = cause.message || cause.code;
      throw fail(
        'E_BUS_UNREACHABLE',
        `no connection to ${shown} (${why}): is ${what} running there, and can this machine reach it?`,
      );
    }
  }
}
