#!/usr/bin/env node
import process from 'node:process';
import { obey } from './cli/obey.ts';
import { processTerminal } from './cli/terminal.ts';
import { COMMANDS } from './commands/all.ts';

process.exitCode = await obey(COMMANDS, process.argv.slice(2), processTerminal());
