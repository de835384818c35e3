import { allWorkers } from '../worker/worker.ts';

/** How far a process has come, in Workerman's numbers. */
export const RunStatus = { initial: 0, starting: 1, running: 2, shutdown: 4, reloading: 8 } as const;

export type RunStatus = (typeof RunStatus)[keyof typeof RunStatus];

/** What this process is: the master and its slots say it; without a master it is what its workers do. */
interface Standing {
  status(): RunStatus;
  /** @param code the exit status of a master. @param text why, for the log. */
  stopAll(code: number, text: string): Promise<void>;
}

let standing: Standing = {
  status: () => (allWorkers().some(({ isListening }) => isListening) ? RunStatus.running : RunStatus.initial),
  async stopAll() {
    await Promise.all(allWorkers().map((worker) => worker.stop()));
  },
};

/** From here on this process is a master, or a slot. */
export function stand(taken: Standing): void {
  standing = taken;
}

export function runStatus(): RunStatus {
  return standing.status();
}

/**
 * In the master ends the service, in one of its processes that process, which is replaced; both tell their
 * clients. Without a master stops all workers.
 */
export function stopAll(code: number = 0, text: string = ''): Promise<void> {
  return standing.stopAll(code, text);
}
