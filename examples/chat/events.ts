/** What happens when pages connect, speak and leave. Rooms are groups, people are uids. */
import { createHash } from 'node:crypto';
import { type ClientCloseCause, client, Gateway } from 'usta';
import { recall, remember } from './history.ts';
import { changed } from './presence.ts';
import { type FromPage, type Line, type Person, read, write } from './protocol.ts';
import { ROOMS } from './settings.ts';

declare module 'usta' {
  interface Session {
    person?: Person;
    room?: string;
  }
}

export { begin as onWorkerStart, end as onWorkerStop } from './presence.ts';

export function onMessage(clientId: string, message: string | Buffer): unknown {
  const asked = read(String(message));
  const { person, room } = client.session;
  if (asked?.type === 'ping') return Gateway.sendToCurrentClient(write({ type: 'pong' }));
  if (asked?.type === 'enter') return enter(clientId, asked);
  if (!asked || !person || !room) return Gateway.closeCurrentClient({ code: 1008, reason: 'not understood' });
  switch (asked.type) {
    case 'say':
      return say(asked, person, room);
    case 'tell':
      return tell(asked, person);
    case 'typing':
      return typing(asked, person, room);
  }
}

/** By their own closing, by the network, or because their gateway is gone: here it is all the same. */
export function onClose(_clientId: string, _cause: ClientCloseCause): void {
  changed(client.session.room);
}

type Asked<Type extends FromPage['type']> = Extract<FromPage, { type: Type }>;

async function enter(clientId: string, { name, key, room: wanted }: Asked<'enter'>): Promise<void> {
  const { session } = client;
  const before = session.room;
  const me = { id: idOf(key), name };
  const room = ROOMS.includes(wanted) ? wanted : (ROOMS[0] ?? 'Hall');
  if (before !== undefined && before !== room) Gateway.leaveGroup(clientId, before);
  Gateway.bindUid(clientId, me.id);
  Gateway.joinGroup(clientId, room);
  session.person = me;
  session.room = room;
  Gateway.sendToCurrentClient(write({ type: 'entered', me, room, lines: await recall(room) }));
  changed(before);
  changed(room);
}

async function say({ id, room, text }: Asked<'say'>, from: Person, own: string): Promise<void> {
  if (room !== own) return refuse(id, 'You are in another room');
  const line: Line = { id, from, room, text, at: Date.now() };
  await remember(line);
  Gateway.sendToGroup(room, write({ type: 'line', line }));
}

/** To all tabs of both. */
async function tell({ id, to, text }: Asked<'tell'>, from: Person): Promise<void> {
  const [first] = await Gateway.getClientIdByUid(to);
  const session = first === undefined ? null : await Gateway.getSession(first);
  if (!session?.person) return refuse(id, 'Not there any more');
  const line: Line = { id, from, to: session.person, text, at: Date.now() };
  Gateway.sendToUid([to, from.id], write({ type: 'line', line }));
}

function typing({ to }: Asked<'typing'>, from: Person, room: string): void {
  if (to) Gateway.sendToUid(to, write({ type: 'typing', from }));
  else Gateway.sendToGroup(room, write({ type: 'typing', from, room }), [client.id]);
}

function refuse(id: string, reason: string): void {
  Gateway.sendToCurrentClient(write({ type: 'refused', id, reason }));
}

/** Everybody may know the id, only their own browser knows the key: nobody else reads what is told to them. */
function idOf(key: string): string {
  return createHash('sha256').update(key).digest('base64url').slice(0, 22);
}
