/** The chat: what the server says, and what the person does. How it looks is in view.js. */
import { Conversation } from './conversation.js';
import * as identity from './identity.js';
import { People } from './people.js';
import settings from './settings.js';
import { Typing } from './typing.js';
import { connect, json } from './usta/index.js';
import { View } from './view.js';

/** @typedef {import('../protocol.ts').FromServer} FromServer */
/** @typedef {import('../protocol.ts').FromPage} FromPage */
/** @typedef {import('../protocol.ts').Line} Line */
/** @typedef {import('../protocol.ts').Person} Person */
/** @typedef {{ id: string, name: string, isRoom: boolean }} Place */

/** Lines that may wait for the server's answer. */
const MOST_WAITING = 20;
/** Seconds. A process that dies takes with it what it was told and had not done: then we say it again. */
const PATIENCE = 5;

/** @type {Map<string, Conversation>} by the id of the place: `room Hall` or `person 3dQ7…` */
const conversations = new Map();
/** Said, and not come back from the server yet. @type {Map<string, FromPage>} */
const unconfirmed = new Map();
const typing = new Typing(() => view.showTyping(typing.namesIn(current.id)));
const people = new People((person, what) => {
  const room = conversationIn(roomOf(here));
  const last = room.entries.at(-1);
  const entry = room.addNote(person.name, what);
  if (entry !== last) show(room, entry);
  else if (room === current) view.update(entry);
});
/** @type {Person} without an id until we are in for the first time */
let me = { id: '', name: identity.name };
let here = roomInAddress() ?? settings.rooms[0];
let current = conversationIn(roomOf(here));
/** How often we asked to enter and were not answered yet: only the last answer counts. */
let entering = 0;
/** @type {ReturnType<typeof start> | undefined} */
let client;

const view = new View(settings, {
  enter(name) {
    identity.rename(name);
    me = { ...me, name };
    view.showMe(me);
    if (client) enter();
    else client = start();
  },
  say,
  open: (id) => open(conversations.get(id)),
  write: ({ id, name }) => open(conversationIn({ id: `person ${id}`, name, isRoom: false })),
  type(draft) {
    current.draft = draft;
    if (draft !== '' && typing.isToBeTold()) {
      client?.send(
        { type: 'typing', ...(current.isRoom ? {} : { to: personIn(current) }) },
        { queue: false },
      );
    }
  },
  connectAgain: () => client?.reconnect(),
  look: () => count(current, -current.unread),
});

for (const room of settings.rooms) conversationIn(roomOf(room));
addEventListener('hashchange', () => {
  const room = roomInAddress();
  if (room) open(conversationIn(roomOf(room)));
});
view.showMe(me);
open(current);
if (identity.name === '') view.askName();
else client = start();

let oldest = '';
setInterval(() => {
  const [waiting = entering > 0 ? 'enter' : ''] = unconfirmed.keys();
  if (waiting !== '' && waiting === oldest) enter();
  oldest = waiting;
}, PATIENCE * 1000);

function start() {
  const secure = location.protocol === 'https:';
  const url = settings.url ?? `${secure ? 'wss' : 'ws'}://${location.hostname}:${settings.port}/`;
  const connection = connect(url, {
    .../** @type {typeof json<FromServer, FromPage>} */ (json)(),
    spread: 3,
    ping: { message: { type: 'ping' }, isPong: ({ type }) => type === 'pong' },
  });
  let opened = 0;
  let reason = '';
  connection.on('open', () => {
    document.documentElement.dataset.connections = `${++opened}`;
    entering = 0;
    enter();
  });
  connection.on('message', hear);
  connection.on('close', (cause) => {
    reason = cause.reason;
  });
  connection.on('status', (status) => view.showStatus(status, reason));
  return connection;
}

/** Says who we are and where; and again what has not come back: a line that comes twice is known by its id. */
function enter() {
  if (client?.status !== 'open') return;
  entering++;
  client.send({ type: 'enter', name: identity.name, key: identity.key, room: here });
  for (const message of unconfirmed.values()) client.send(message);
}

/** @param {FromServer} message */
function hear(message) {
  switch (message.type) {
    case 'entered':
      return entered(message);
    case 'line':
      return heard(message.line);
    case 'refused':
      return refused(message);
    case 'people':
      if (message.room !== here) return;
      people.update(message.people);
      return view.showPeople(message.people, message.count);
    case 'rooms':
      return view.showCounts(new Map(message.rooms.map(({ name, count }) => [name, count])));
    case 'typing':
      if (message.from.id !== me.id) typing.begins(placeOf({ ...message, to: me }).id, message.from.name);
  }
}

/** @param {Extract<FromServer, { type: 'entered' }>} message */
function entered({ me: known, room, lines }) {
  me = known;
  view.showMe(me);
  entering = Math.max(0, entering - 1);
  if (entering === 0 && room !== here) go(room);
  const conversation = conversationIn(roomOf(room));
  const isFirst = !conversation.isLoaded;
  conversation.isLoaded = true;
  for (const line of lines) heard(line, isFirst);
  if (isFirst && conversation === current) view.show(current);
}

/** @param {Line} line @param {boolean} isOld from before we came */
function heard(line, isOld = false) {
  unconfirmed.delete(line.id);
  const conversation = conversationIn(placeOf(line));
  const known = conversation.find(line.from.id, line.id);
  if (known) {
    Object.assign(known, { line, state: 'said' });
    if (conversation === current) view.update(known);
    return;
  }
  const entry = conversation.add(line, 'said');
  if (isOld) return;
  typing.ends(conversation.id, line.from.name);
  show(conversation, entry);
  if (line.from.id !== me.id && (conversation !== current || document.hidden)) count(conversation, 1);
}

/** @param {{ id: string, reason: string }} message */
function refused({ id, reason }) {
  unconfirmed.delete(id);
  for (const conversation of conversations.values()) {
    const entry = conversation.find(me.id, id);
    if (entry) Object.assign(entry, { state: 'refused', reason });
    if (entry && conversation === current) view.update(entry);
  }
}

/** @param {string} text @returns {boolean} false when too much waits already */
function say(text) {
  if (unconfirmed.size >= MOST_WAITING || me.id === '') return false;
  const { name } = current;
  const id = identity.newId();
  const to = { id: personIn(current), name };
  const line = { id, from: me, text, at: Date.now(), ...(current.isRoom ? { room: name } : { to }) };
  /** @type {FromPage} */
  const message = current.isRoom
    ? { type: 'say', id, room: name, text }
    : { type: 'tell', id, to: to.id, text };
  unconfirmed.set(id, message);
  client?.send(message, { queue: false });
  show(current, current.add(line, 'waiting'));
  current.draft = '';
  typing.sent();
  return true;
}

/** @param {Conversation | undefined} conversation */
function open(conversation) {
  if (!conversation) return;
  current = conversation;
  if (conversation.isRoom && conversation.name !== here) go(conversation.name);
  view.show(current);
  count(current, -current.unread);
  view.showTyping(typing.namesIn(current.id));
}

/** @param {string} room */
function go(room) {
  here = room;
  history.replaceState(null, '', `#${encodeURIComponent(room)}`);
  people.clear();
  view.showPeople([], 0);
  if (current.isRoom && current.name !== room) open(conversationIn(roomOf(room)));
  enter();
}

/** @param {Conversation} conversation @param {import('./conversation.js').Entry} entry */
function show(conversation, entry) {
  if (conversation === current) view.append(entry);
}

/** @param {Conversation} conversation @param {number} more */
function count(conversation, more) {
  conversation.unread += more;
  view.showConversations([...conversations.values()]);
}

/** @param {Place} place */
function conversationIn(place) {
  const conversation = conversations.get(place.id) ?? new Conversation(place);
  conversation.name = place.name;
  conversations.set(place.id, conversation);
  return conversation;
}

/** @param {string} name @returns {Place} */
function roomOf(name) {
  return { id: `room ${name}`, name, isRoom: true };
}

/** @param {Conversation} conversation */
function personIn({ id }) {
  return id.slice('person '.length);
}

/** Where something belongs: in its room, or with the other one. @param {Pick<Line, 'room' | 'from' | 'to'>} line */
function placeOf({ room, from, to }) {
  if (room !== undefined) return roomOf(room);
  const { id, name } = from.id === me.id && to ? to : from;
  return { id: `person ${id}`, name, isRoom: false };
}

function roomInAddress() {
  return settings.rooms.find(
    (/** @type {string} */ room) => location.hash === `#${encodeURIComponent(room)}`,
  );
}
