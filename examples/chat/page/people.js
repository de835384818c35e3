/** @typedef {import('../protocol.ts').Person} Person */

/** Seconds. Who is back by then was never away: a page was reloaded, a telephone changed its network. */
const GRACE = 6;

/** Who is in a room, and who came and left since it was entered. */
export class People {
  /** @type {Map<string, Person>} */
  #here = new Map();
  /** @type {Map<string, ReturnType<typeof setTimeout>>} */
  #leaving = new Map();
  #isFirst = true;
  #tell;

  /** @param {(person: Person, what: 'came' | 'left') => void} tell */
  constructor(tell) {
    this.#tell = tell;
  }

  /** @param {readonly Person[]} people everybody who is there now */
  update(people) {
    const now = new Map(people.map((person) => [person.id, person]));
    for (const [id, person] of this.#here) if (!now.has(id)) this.#missed(person);
    for (const [id, person] of now) if (!this.#here.has(id)) this.#seen(person);
    this.#here = now;
    this.#isFirst = false;
  }

  /** Another room. */
  clear() {
    for (const timer of this.#leaving.values()) clearTimeout(timer);
    this.#leaving.clear();
    this.#here.clear();
    this.#isFirst = true;
  }

  /** @param {Person} person */
  #missed(person) {
    const timer = setTimeout(() => {
      this.#leaving.delete(person.id);
      this.#tell(person, 'left');
    }, GRACE * 1000);
    this.#leaving.set(person.id, timer);
  }

  /** @param {Person} person */
  #seen(person) {
    const timer = this.#leaving.get(person.id);
    clearTimeout(timer);
    if (!this.#leaving.delete(person.id) && !this.#isFirst) this.#tell(person, 'came');
  }
}
