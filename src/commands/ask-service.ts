import type { Terminal } from '../cli/terminal.ts';
import { askMaster } from '../master/control/control-client.ts';
import type { ControlRequest } from '../master/control/messages.ts';
import { controlPlace } from '../master/control/socket-path.ts';
import type { Canvas } from '../master/screens/paint.ts';

/** How a service is named on the command line. */
export const SCRIPT = { least: 1, most: 1 } as const;

/**
 * Asks the master of a script, and shows how far it is to a person who waits.
 *
 * @throws {UstaError} it does not run, or what was asked cannot be done: one line.
 */
export async function askService(
  script: string,
  request: ControlRequest,
  terminal: Terminal,
): Promise<unknown> {
  return askMaster(controlPlace(script), request, { progress: (text) => terminal.progress(text) });
}

/** Where nobody looks, no line is too long. */
export function canvasOf(terminal: Terminal): Canvas {
  return {
    width: terminal.interactive ? terminal.width : Number.POSITIVE_INFINITY,
    paint: (style, text) => terminal.paint(style, text),
  };
}
