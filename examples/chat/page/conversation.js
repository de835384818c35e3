/** @typedef {import('../protocol.ts').Line} Line */
/**
 * @typedef {object} Entry What is shown in a conversation: a line, or a note about somebody.
 * @property {Line} [line]
 * @property {string} [note]
 * @property {readonly string[]} [names] whom the note is about
 * @property {'came' | 'left'} [what]
 * @property {'said' | 'waiting' | 'refused'} state
 * @property {string} [reason] why it was refused
 */

/** More is forgotten, oldest first. */
const MOST = 500;

const list = new Intl.ListFormat('en');

/** What was said in a room, or with a person. */
export class Conversation {
  /** @type {Entry[]} */
  entries = [];
  unread = 0;
  /** What is written and not sent yet. */
  draft = '';
  /** @type {Map<string, Entry>} */
  #byLine = new Map();

  /** @param {{ id: string, name: string, isRoom: boolean }} of */
  constructor({ id, name, isRoom }) {
    this.id = id;
    this.name = name;
    this.isRoom = isRoom;
    /** What was said in a room before is there; of people nothing is kept. */
    this.isLoaded = !isRoom;
  }

  /** The same line comes more than once: from the server, from its history. @param {string} from @param {string} id */
  find(from, id) {
    return this.#byLine.get(`${from} ${id}`);
  }

  /** @param {Line} line one that `find` does not know @param {Entry['state']} state */
  add(line, state) {
    const entry = { line, state };
    this.#byLine.set(`${line.from.id} ${line.id}`, entry);
    return this.#push(entry);
  }

  /** Several in a row become one. @param {string} name @param {'came' | 'left'} what */
  addNote(name, what) {
    const last = this.entries.at(-1);
    if (last?.what !== what)
      return this.#push({ note: `${name} ${what}`, names: [name], what, state: 'said' });
    const names = [...new Set([...(last.names ?? []), name])];
    const few = names.length > 4 ? [...names.slice(0, 3), `${names.length - 3} others`] : names;
    return Object.assign(last, { names, note: `${list.format(few)} ${what}` });
  }

  /** @param {Entry} entry @returns {Entry} */
  #push(entry) {
    this.entries.push(entry);
    if (this.entries.length > MOST) {
      const { line } = this.entries.shift() ?? {};
      if (line) this.#byLine.delete(`${line.from.id} ${line.id}`);
    }
    return entry;
  }
}
