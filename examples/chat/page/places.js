/** Rooms, private conversations and who is here: beside the conversation, or on a narrow screen behind a button. */
import { copy, find, paintAvatar, showBadge } from './elements.js';

/** @typedef {import('../protocol.ts').Person} Person */
/** @typedef {import('./conversation.js').Conversation} Conversation */

const narrow = matchMedia('(max-width: 46rem)');

export class Places {
  #acts;

  /** @param {{ open(conversation: string): void, write(person: Person): void }} acts */
  constructor(acts) {
    this.#acts = acts;
    narrow.onchange = () => this.unfold(false);
    find('show-places').onclick = () => this.unfold(true);
    find('hide-places').onclick = () => this.unfold(false);
    find('shade').onclick = () => this.unfold(false);
    document.addEventListener('keydown', ({ key }) => {
      if (key === 'Escape') this.unfold(false);
    });
    this.unfold(false);
  }

  /** Of no effect where there is room enough. @param {boolean} isOpen */
  unfold(isOpen) {
    const wasOpen = !find('shade').hidden;
    find('shade').hidden = !isOpen;
    find('places').classList.toggle('shown', isOpen);
    find('places').inert = narrow.matches && !isOpen;
    find('conversation').inert = narrow.matches && isOpen;
    find('show-places').ariaExpanded = `${isOpen}`;
    if (isOpen) find('hide-places').focus();
    else if (wasOpen && narrow.matches) find('show-places').focus();
  }

  /**
   * @param {readonly Conversation[]} conversations
   * @param {Conversation | undefined} current
   * @param {ReadonlyMap<string, number>} counts people by room
   */
  showConversations(conversations, current, counts) {
    const rooms = conversations.filter(({ isRoom }) => isRoom);
    const others = conversations.filter(({ isRoom }) => !isRoom);
    /** @param {Conversation} one */
    const item = (one) => this.#conversationItem(one, one === current, counts.get(one.name) ?? 0);
    replaceItems(find('rooms'), rooms.map(item));
    replaceItems(find('privates'), others.map(item));
    find('privates').parentElement.hidden = others.length === 0;
    showBadge(
      find('all-unread'),
      conversations.reduce((sum, { unread }) => sum + unread, 0),
    );
  }

  /** In a long list of rooms. */
  showCurrent() {
    find('rooms').querySelector('[aria-current]')?.scrollIntoView({ block: 'nearest' });
  }

  /** @param {readonly Person[]} people @param {number} count may be more @param {Person} me */
  showPeople(people, count, me) {
    const others = people.filter(({ id }) => id !== me.id);
    const all = others.length < people.length ? [me, ...others] : others;
    const names = all.map(({ name }) => name);
    const items = all.map((person) => {
      const isOnly = names.indexOf(person.name) === names.lastIndexOf(person.name);
      return this.#personItem(person, person === me, isOnly);
    });
    replaceItems(find('people'), items);
    find('more-people').hidden = count <= people.length;
    find('more-people').textContent = `and ${count - people.length} more`;
  }

  /** @param {Conversation} conversation @param {boolean} isCurrent @param {number} count people */
  #conversationItem({ id, name, isRoom, unread }, isCurrent, count) {
    const item = copy('place');
    const [button] = item.children;
    const [sign, label, badge] = button.children;
    button.dataset.id = id;
    button.ariaCurrent = isCurrent ? 'true' : null;
    button.onclick = () => this.#acts.open(id);
    label.textContent = name;
    label.title = name;
    if (isRoom) sign.textContent = '#';
    else paintAvatar(sign, { id: id.slice('person '.length), name });
    showBadge(badge, isRoom ? count : unread);
    badge.classList.toggle('count', isRoom);
    badge.title = isRoom ? 'people' : 'new messages';
    return item;
  }

  /** @param {Person} person @param {boolean} isMe @param {boolean} isOnly nobody else here has this name */
  #personItem(person, isMe, isOnly) {
    const item = copy('place');
    const [button] = item.children;
    const [sign, label, badge] = button.children;
    button.dataset.id = person.id;
    label.textContent = person.name;
    if (!isOnly) label.dataset.tag = person.id.slice(0, 4);
    paintAvatar(sign, person);
    if (isMe) {
      button.disabled = true;
      badge.className = 'you';
      badge.hidden = false;
      badge.textContent = 'you';
    } else {
      button.title = `Write to ${person.name} alone`;
      button.onclick = () => this.#acts.write(person);
    }
    return item;
  }
}

/** Keeps the focus where it was. @param {HTMLElement} list @param {HTMLElement[]} items */
function replaceItems(list, items) {
  const active = /** @type {HTMLElement | null} */ (document.activeElement);
  const focused = list.contains(active) ? active?.dataset.id : undefined;
  list.replaceChildren(...items);
  for (const item of items) {
    const button = /** @type {HTMLElement} */ (item.firstElementChild);
    if (focused !== undefined && button.dataset.id === focused) button.focus();
  }
}
