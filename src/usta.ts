#!/usr/bin/env node
import process from 'node:process';
import type { Command } from './cli/command.ts';
import { obey } from './cli/obey.ts';
import { processTerminal } from './cli/terminal.ts';

const COMMANDS: readonly Command[] = [];

process.exitCode = await obey(COMMANDS, process.argv.slice(2), processTerminal());
