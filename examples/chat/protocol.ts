/** What pages and the server say to each other: JSON, one of these at a time. */

/** Characters. */
export const MAX_NAME = 24;
export const MAX_TEXT = 1_000;

export interface Person {
  /** The same in all tabs of a browser. */
  readonly id: string;
  /** As they call themselves: others may have the same. */
  readonly name: string;
}

/** Something that was said, in a room or to one person. */
export interface Line {
  /** Made by the page that said it: it knows its own line by it when it comes back. */
  readonly id: string;
  readonly from: Person;
  readonly room?: string;
  readonly to?: Person;
  readonly text: string;
  /** Milliseconds since 1970. */
  readonly at: number;
}

export type FromPage =
  | { readonly type: 'ping' }
  /** Who I am and where I go: at first, after each reconnect, and into another room. */
  | { readonly type: 'enter'; readonly name: string; readonly key: string; readonly room: string }
  | { readonly type: 'say'; readonly id: string; readonly room: string; readonly text: string }
  | { readonly type: 'tell'; readonly id: string; readonly to: string; readonly text: string }
  | { readonly type: 'typing'; readonly to?: string };

export type FromServer =
  | { readonly type: 'pong' }
  /** You are in; `lines` were said there last. */
  | { readonly type: 'entered'; readonly me: Person; readonly room: string; readonly lines: readonly Line[] }
  | { readonly type: 'line'; readonly line: Line }
  /** The line with this id reached nobody. */
  | { readonly type: 'refused'; readonly id: string; readonly reason: string }
  /** Who is in your room now; `count` may be more than there are names. */
  | {
      readonly type: 'people';
      readonly room: string;
      readonly people: readonly Person[];
      readonly count: number;
    }
  | { readonly type: 'rooms'; readonly rooms: readonly { readonly name: string; readonly count: number }[] }
  | { readonly type: 'typing'; readonly from: Person; readonly room?: string };

export function write(message: FromServer): string {
  return JSON.stringify(message);
}

/** @returns undefined when it is none of ours: whoever sends that is no page of ours. */
export function read(text: string): FromPage | undefined {
  const message = fieldsOf(text);
  switch (message.type) {
    case 'ping':
      return { type: 'ping' };
    case 'enter': {
      const name = nameIn(message.name);
      const { key, room } = message;
      return name && isId(key) && isText(room) ? { type: 'enter', name, key, room } : undefined;
    }
    case 'say': {
      const { id, room, text } = message;
      return isId(id) && isText(room) && isText(text) ? { type: 'say', id, room, text } : undefined;
    }
    case 'tell': {
      const { id, to, text } = message;
      return isId(id) && isId(to) && isText(text) ? { type: 'tell', id, to, text } : undefined;
    }
    case 'typing':
      return isId(message.to) ? { type: 'typing', to: message.to } : { type: 'typing' };
    default:
      return undefined;
  }
}

function fieldsOf(text: string): Record<string, unknown> {
  try {
    return Object(JSON.parse(text));
  } catch {
    return {};
  }
}

function isId(value: unknown): value is string {
  return typeof value === 'string' && /^[\w-]{16,64}$/.test(value);
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value.trim() !== '' && value.length <= MAX_TEXT;
}

/** One line, without what cannot be seen: a name must not hide, or turn around what stands behind it. */
function nameIn(value: unknown): string {
  if (typeof value !== 'string') return '';
  const name = value.normalize('NFC').replace(/[\p{C}\p{Z}]+/gu, ' ');
  return Array.from(name.trim()).slice(0, MAX_NAME).join('').trim();
}
