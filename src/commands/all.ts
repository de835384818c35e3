import type { Command } from '../cli/command.ts';
import { certificateCommand } from './certificate.ts';
import { checkCommand } from './check.ts';
import { connectionsCommand } from './connections.ts';
import { devCommand } from './dev.ts';
import { doctorCommand } from './doctor.ts';
import { proxyCommand } from './proxy.ts';
import { reloadCommand } from './reload.ts';
import { restartCommand } from './restart.ts';
import { scaleCommand } from './scale.ts';
import { serviceCommand } from './service.ts';
import { startCommand } from './start.ts';
import { statusCommand } from './status.ts';
import { stopCommand } from './stop.ts';

/** Every word after `usta`, in the order in which the help lists them. */
export const COMMANDS: readonly Command[] = [
  startCommand,
  stopCommand,
  restartCommand,
  reloadCommand,
  statusCommand,
  connectionsCommand,
  scaleCommand,
  checkCommand,
  devCommand,
  certificateCommand,
  proxyCommand,
  doctorCommand,
  serviceCommand,
];
