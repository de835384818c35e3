import { UsageError } from '../../errors.ts';
import { nearest } from '../../nearest.ts';
import { CONTROL_VERSION, type ControlRequest, type HelloRequest } from './messages.ts';

/** What cannot be read as a request at all: whoever sends it speaks something else. */
export const UNREADABLE = 'E_CONTROL_LINE';

type Kind = 'text' | 'flag' | 'number';

/** The fields of each command besides `version` and `command`; those with a question mark may be left out. */
const COMMANDS: Readonly<Record<ControlRequest['command'], Readonly<Record<string, Kind>>>> = {
  status: {},
  connections: { 'worker?': 'text' },
  stop: { graceful: 'flag', 'worker?': 'text' },
  reload: { graceful: 'flag', 'worker?': 'text' },
  scale: { worker: 'text', count: 'number' },
};

const CHECKS: Readonly<Record<Kind, readonly [is: (value: unknown) => boolean, wanted: string]>> = {
  text: [(value) => typeof value === 'string' && value !== '', 'a text'],
  flag: [(value) => typeof value === 'boolean', 'true or false'],
  number: [(value) => Number.isSafeInteger(value) && Number(value) >= 0, 'a whole number'],
};

/**
 * Reads a line as a request. A field that is not known is refused, never passed over: a newer command line may
 * mean less by it than the whole service.
 *
 * @throws {UsageError} with the code `UNREADABLE` when it is none at all.
 */
export function readRequest(line: string): ControlRequest | HelloRequest {
  const { version, command, ...fields } = parse(line);
  if (command === 'hello') return { version: Number(version), command };
  if (version !== CONTROL_VERSION) throw otherVersion(version);
  if (typeof command !== 'string' || !isKnown(command)) throw unknownCommand(command);
  checkFields(command, fields);
  return { ...fields, version, command } as ControlRequest;
}

function parse(line: string): Record<string, unknown> {
  try {
    const found: unknown = JSON.parse(line);
    if (typeof found === 'object' && found !== null && !Array.isArray(found)) return { ...found };
  } catch {
    // Answered like any other line that is no request.
  }
  throw new UsageError(
    UNREADABLE,
    'a request is one line with a JSON object: {"version":1,"command":"status"}',
  );
}

function isKnown(command: string): command is ControlRequest['command'] {
  return Object.hasOwn(COMMANDS, command);
}

function checkFields(command: ControlRequest['command'], fields: Readonly<Record<string, unknown>>): void {
  const wanted = Object.entries(COMMANDS[command]);
  const names = wanted.map(([name]) => name.replace('?', ''));
  for (const name of Object.keys(fields)) {
    if (!names.includes(name)) throw fieldError(`${command} has no field ${shown(name)}`);
  }
  for (const [name, kind] of wanted) {
    const value = fields[name.replace('?', '')];
    const [is, what] = CHECKS[kind];
    if (value === undefined && name.endsWith('?')) continue;
    if (!is(value)) throw fieldError(`${command} needs ${name.replace('?', '')} as ${what}`);
  }
}

function otherVersion(version: unknown): UsageError {
  const text = `this service understands requests of version ${CONTROL_VERSION}, not ${shown(version)}`;
  return new UsageError('E_CONTROL_VERSION', `${text}: use the usta that has started it, or start it anew`);
}

function unknownCommand(command: unknown): UsageError {
  const known = Object.keys(COMMANDS);
  const meant = typeof command === 'string' ? nearest(command.slice(0, 40), known) : undefined;
  const hint = meant === undefined ? `there are ${known.join(', ')}` : `did you mean ${meant}?`;
  return new UsageError('E_COMMAND', `the master does not know ${shown(command)}; ${hint}`);
}

function fieldError(message: string): UsageError {
  return new UsageError('E_CONTROL_FIELD', message);
}

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? 'none';
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
