import type { Logger } from './log/logger.ts';

/** What concerns the service as a whole: properties of the class `Worker`, in Workerman's words. */
export interface ServiceSettings {
  /** Holds the master's pid and start time while it runs; relative to the script. None by default. */
  pidFile: string | undefined;
  /** Where the log goes; relative to the script. Standard error by default. Opened anew at a reload. */
  logFile: string | undefined;
  /** Where standard output and errors go in the background; by default a file in the runtime directory. */
  stdoutFile: string | undefined;
  /** Is told every event instead of the log: pino, or anything with `info`, `warn`, `error` and `debug`. */
  logger: Logger | undefined;
  /** `host:port` of `/metrics` and `/healthz`, or a port of 127.0.0.1. None by default. */
  metrics: string | number | undefined;
  /** Called in the master when a reload begins. */
  onMasterReload: (() => unknown) | undefined | null;
  /** Called in the master when all processes have ended. */
  onMasterStop: (() => unknown) | undefined | null;
}

/** Their names, for those who make properties of them. */
export const SETTING_NAMES: readonly (keyof ServiceSettings)[] = [
  'pidFile',
  'logFile',
  'stdoutFile',
  'logger',
  'metrics',
  'onMasterReload',
  'onMasterStop',
];

export const serviceSettings: ServiceSettings = {
  pidFile: undefined,
  logFile: undefined,
  stdoutFile: undefined,
  logger: undefined,
  metrics: undefined,
  onMasterReload: undefined,
  onMasterStop: undefined,
};
