import type { CommandEntry } from '../cli/command.ts';

/**
 * Every word after `usta`, in the order in which the help lists them. A command is loaded when it is typed: most
 * need little of the house.
 */
export const COMMANDS: readonly CommandEntry[] = [
  { name: 'start', load: async () => (await import('./start.ts')).startCommand },
  { name: 'stop', load: async () => (await import('./stop.ts')).stopCommand },
  { name: 'restart', load: async () => (await import('./restart.ts')).restartCommand },
  { name: 'reload', load: async () => (await import('./reload.ts')).reloadCommand },
  { name: 'status', load: async () => (await import('./status.ts')).statusCommand },
  { name: 'connections', load: async () => (await import('./connections.ts')).connectionsCommand },
  { name: 'scale', load: async () => (await import('./scale.ts')).scaleCommand },
  { name: 'check', load: async () => (await import('./check.ts')).checkCommand },
  { name: 'dev', load: async () => (await import('./dev.ts')).devCommand },
  { name: 'cert', load: async () => (await import('./certificate.ts')).certificateCommand },
  { name: 'proxy', load: async () => (await import('./proxy.ts')).proxyCommand },
  { name: 'doctor', load: async () => (await import('./doctor.ts')).doctorCommand },
  { name: 'service', load: async () => (await import('./service.ts')).serviceCommand },
];
