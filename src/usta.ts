#!/usr/bin/env node
import process from 'node:process';
import type { Command } from './cli/command.ts';
import { obey } from './cli/obey.ts';
import { processTerminal } from './cli/terminal.ts';
import { certificateCommand } from './commands/certificate.ts';
import { doctorCommand } from './commands/doctor.ts';
import { proxyCommand } from './commands/proxy.ts';

const COMMANDS: readonly Command[] = [certificateCommand, doctorCommand, proxyCommand];

process.exitCode = await obey(COMMANDS, process.argv.slice(2), processTerminal());
