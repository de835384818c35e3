/** What the parts of the view share. Text goes into elements as text: it can never become markup. */

/** @typedef {import('../protocol.ts').Person} Person */

/** @param {string} id @returns {any} */
export const find = (id) => document.getElementById(id);

/** A copy of what a template has. @param {string} name @returns {any} */
export const copy = (name) => find(`${name}-template`).content.firstElementChild.cloneNode(true);

/** The same colour wherever somebody is seen. @param {HTMLElement} element @param {Person} person */
export function paintAvatar(element, { id, name }) {
  const hash = [...id].reduce((sum, letter) => (sum * 31 + (letter.codePointAt(0) ?? 0)) % 360, 7);
  element.classList.add('avatar');
  element.style.setProperty('--hue', `${hash}`);
  element.textContent = [...name][0]?.toUpperCase() ?? '';
}

/** @param {HTMLElement} badge @param {number} count */
export function showBadge(badge, count) {
  badge.hidden = count === 0;
  badge.textContent = count > 99 ? '99+' : `${count}`;
}
