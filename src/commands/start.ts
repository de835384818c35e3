import process from 'node:process';
import { type AcmeOptions, acmeSettings } from '../certificates/acme/options.ts';
import type { Command, OptionSpec } from '../cli/command.ts';
import type { Terminal } from '../cli/terminal.ts';
import type { Words } from '../cli/words.ts';
import { UsageError, UstaError } from '../errors.ts';
import type { RunEnd } from '../master/launch/run-script.ts';
import { findScript } from '../master/launch/script.ts';
import { launch, refuseInContainer } from '../master/launch/start.ts';
import { after } from '../timer.ts';
import { acmeToEnvironment } from '../worker/acme-environment.ts';
import { readLogFormat } from '../worker/log.ts';

/** Of every command that starts a script. */
export const LAUNCH_OPTIONS: Readonly<Record<string, OptionSpec>> = {
  daemon: { short: 'd', summary: 'in the background; returns when the service stands' },
  quiet: { short: 'q', summary: 'says only what goes wrong' },
  log: { value: 'FORMAT', summary: 'of the log: text, pretty or json' },
  trace: { summary: 'shows the stack of an exception' },
};

/** Words after the script are its own; those that begin with a dash follow `--`. */
export const SCRIPT_OPERANDS = { least: 1, most: 1_000 } as const;

/** `usta start`: runs a script as a service. */
export const startCommand: Command = {
  name: 'start',
  summary: 'starts a service: in the foreground, or in the background with -d',
  usage: 'SCRIPT [-d] [-q] [-- WORDS]',
  operands: SCRIPT_OPERANDS,
  options: {
    ...LAUNCH_OPTIONS,
    domain: {
      value: 'NAME',
      multiple: true,
      summary: 'gets and renews a certificate for this name; may be given again',
    },
    email: { value: 'ADDRESS', summary: 'where the authority may write to you' },
    agree: { summary: "you agree to the authority's terms of service; needed with --domain" },
    directory: { value: 'URL', summary: "of the authority, or staging; Let's Encrypt unless given" },
  },
  examples: [
    'usta start server.ts',
    'usta start server.ts -d',
    'usta start server.ts --domain chat.example.com --agree',
    'usta start server.js -- --port 9000',
  ],
  run(words, terminal) {
    const domains = words.list('domain');
    if (domains.length > 0) Object.assign(process.env, acmeToEnvironment(acmeOf(words, domains)));
    return startScript(words, terminal);
  },
};

function acmeOf(words: Words, domains: readonly string[]): AcmeOptions {
  const [email, directory] = [words.text('email'), words.text('directory')];
  const acme = {
    domains,
    agree: words.flag('agree'),
    ...(email === undefined ? {} : { email }),
    ...(directory === undefined ? {} : { directory }),
  };
  acmeSettings(acme);
  return acme;
}

/** Starts what the words name. Ends this process, whatever the script has left running in it. */
export async function startScript(words: Words, terminal: Terminal): Promise<never> {
  const daemon = words.flag('daemon');
  const quiet = words.flag('quiet');
  const format = words.text('log');
  const callOff = daemon ? after(1_000, () => terminal.progress('starting …')) : () => {};
  const status = await guarded(words, terminal, async () => {
    if (format !== undefined) process.env.USTA_LOG = readLogFormat(format);
    const [named = '', ...own] = words.operands;
    const complain = (text: string): void => terminal.complain(`usta: ${text}`);
    if (daemon) refuseInContainer();
    const end = await launch(findScript(named), { daemon, quiet, words: own, complain });
    return tell(end, { named, quiet }, terminal);
  });
  callOff();
  process.exit(status);
}

/** Says what went wrong in one line, and with its stack only to whoever wants it. @returns the exit code. */
export async function guarded(
  words: Words,
  terminal: Terminal,
  deed: () => Promise<number>,
): Promise<number> {
  try {
    return await deed();
  } catch (error) {
    if (!(error instanceof UstaError)) throw error;
    terminal.complain(`usta: ${error.message}`);
    if (words.flag('trace') && error.cause instanceof Error) terminal.complain(error.cause.stack ?? '');
    return error instanceof UsageError ? 2 : 1;
  }
}

function tell(end: RunEnd, { named, quiet }: { named: string; quiet: boolean }, terminal: Terminal): number {
  switch (end.type) {
    case 'ended':
      return end.status;
    case 'standing':
      if (!quiet)
        terminal.print(`${named} serves in the background (pid ${end.pid}); its output: ${end.output}`);
      return 0;
    case 'failed':
      terminal.complain(`usta: ${end.message}`);
      return 1;
    case 'checked':
      return 1;
  }
}
