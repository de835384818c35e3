import { echo } from './echo.ts';
import { fanout } from './fanout.ts';
import { group } from './group.ts';
import { groupRate } from './group-rate.ts';
import { handshakes } from './handshakes.ts';
import { http } from './http.ts';
import { idle } from './idle.ts';
import type { LoadOptions, Mode } from './options.ts';
import { rate } from './rate.ts';
import type { Report } from './report.ts';

const RUNS: Readonly<Record<Mode, (options: LoadOptions) => Promise<Report>>> = {
  echo,
  fanout,
  group,
  'group-rate': groupRate,
  idle,
  connect: handshakes,
  http,
  text: echo,
  rate,
};

/**
 * Puts one load on a server and reports what it cost.
 *
 * @throws {LoadFailure} when a reply is wrong or missing, or a connection is lost.
 */
export function run(options: LoadOptions): Promise<Report> {
  return RUNS[options.mode](options);
}
