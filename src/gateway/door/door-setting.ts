import { UsageError } from '../../errors.ts';
import type { DoorOptions } from './door-options.ts';
import { DoorWorker } from './door-worker.ts';

let given: DoorOptions | undefined;

/** `Gateway.door`: the worker is made when it is set. */
export const doorSetting: PropertyDescriptor = {
  enumerable: true,
  get: () => given,
  set(options: DoorOptions | undefined) {
    if (options === undefined) return;
    if (given) throw new UsageError('E_DOOR', 'Gateway.door is set already: a service has one');
    new DoorWorker(options);
    given = options;
  },
};
