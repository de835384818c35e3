import { publish } from '../telemetry.ts';

/** Resolves when it is done, well or not: what it throws is reported, and concerns nobody else. */
export async function contained(callback: string, act: () => unknown): Promise<void> {
  try {
    await act();
  } catch (error) {
    publish('usta:handler:failed', { callback, error });
  }
}
