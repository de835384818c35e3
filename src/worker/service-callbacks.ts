/** Callbacks of the service as a whole: called in the master. */
export interface ServiceCallbacks {
  /** A reload begins. */
  onMasterReload: (() => unknown) | undefined | null;
  /** All processes have ended, and the master is about to. */
  onMasterStop: (() => unknown) | undefined | null;
}

export const serviceCallbacks: ServiceCallbacks = { onMasterReload: undefined, onMasterStop: undefined };
