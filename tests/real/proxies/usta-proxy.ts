/** `usta proxy …` in a process of its own, to be interrupted. */
import process from 'node:process';
import { obey } from '../../../src/cli/obey.ts';
import { processTerminal } from '../../../src/cli/terminal.ts';
import { proxyCommand } from '../../../src/commands/proxy.ts';

process.exitCode = await obey([proxyCommand], ['proxy', ...process.argv.slice(2)], processTerminal());
