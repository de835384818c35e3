import { after } from '../timer.ts';

/**
 * Waits for something, but not for ever. No timer is left behind.
 *
 * @returns whether it is over, well or not, within so many milliseconds.
 */
export function atMost(milliseconds: number, what: Promise<unknown>): Promise<boolean> {
  return new Promise((resolve) => {
    const callOff = after(milliseconds, () => resolve(false), true);
    const over = (): void => {
      callOff();
      resolve(true);
    };
    what.then(over, over);
  });
}
