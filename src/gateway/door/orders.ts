import type { LastWord, Verbs } from '../verbs.ts';
import { type Fields, isObject, messageIn, nameIn, namesIn } from './fields.ts';
import { Refusal } from './refusal.ts';

/** What can be ordered: the fields of the body, and what is done. */
export interface DoorOrder {
  readonly fields: readonly string[];
  /** @throws {Refusal} the fields do not say what to do. */
  readonly act: (verbs: Verbs, fields: Fields) => void;
}

const TO = ['client', 'uid', 'group'] as const;
/** As many bytes as a close frame has for them. @see RFC 6455 §5.5 — Control Frames */
const MAX_REASON = 123;

export const ORDERS: Readonly<Record<string, DoorOrder>> = {
  '/send': { fields: ['to', 'message', 'except'], act: send },
  '/close': { fields: ['client', 'uid', 'code', 'reason', 'message'], act: close },
  '/bind': {
    fields: ['client', 'uid'],
    act: (verbs, fields) => verbs.bindUid(nameIn(fields, 'client'), nameIn(fields, 'uid')),
  },
  '/unbind': { fields: ['client'], act: (verbs, fields) => verbs.unbindUid(nameIn(fields, 'client')) },
  '/join': {
    fields: ['client', 'group'],
    act: (verbs, fields) => verbs.joinGroup(nameIn(fields, 'client'), nameIn(fields, 'group')),
  },
  '/leave': {
    fields: ['client', 'group'],
    act: (verbs, fields) => verbs.leaveGroup(nameIn(fields, 'client'), nameIn(fields, 'group')),
  },
};

function send(verbs: Verbs, fields: Fields): void {
  const { kind, names } = addresseesIn(fields.to);
  const message = messageIn(fields.message);
  const except = exceptIn(fields.except);
  if (except && kind !== 'all' && kind !== 'group')
    throw new Refusal(400, 'except goes with "all" or a group: leave those out of the list');
  switch (kind) {
    case 'all':
      return verbs.sendToAll(message, null, except);
    case 'client':
      return verbs.sendToAll(message, names);
    case 'uid':
      return verbs.sendToUid(names, message);
    case 'group':
      return verbs.sendToGroup(names, message, except);
  }
}

/** A list that was made by a program may be empty. */
function exceptIn(value: unknown): readonly string[] | null {
  if (value === undefined || (Array.isArray(value) && value.length === 0)) return null;
  return namesIn(value, 'except');
}

function addresseesIn(to: unknown): {
  readonly kind: 'all' | (typeof TO)[number];
  readonly names: readonly string[];
} {
  if (to === 'all') return { kind: 'all', names: [] };
  const [kind, ...more] = isObject(to) ? Object.keys(to) : [];
  const known = TO.find((one) => one === kind);
  if (!isObject(to) || !known || more.length > 0)
    throw new Refusal(400, 'to is "all", { "client": … }, { "uid": … } or { "group": … }');
  return { kind: known, names: namesIn(to[known], known) };
}

function close(verbs: Verbs, fields: Fields): void {
  const { client, uid } = fields;
  if ((client === undefined) === (uid === undefined))
    throw new Refusal(400, 'say client or uid, one of them');
  const last = lastWordIn(fields);
  if (uid !== undefined) return verbs.closeUid(namesIn(uid, 'uid'), last);
  for (const id of namesIn(client, 'client')) verbs.closeClient(id, last);
}

/** @see RFC 6455 §7.4 — Status Codes */
function lastWordIn({ code, reason = '', message }: Fields): LastWord | undefined {
  if (message !== undefined && code === undefined) return messageIn(message);
  if (code === undefined) return undefined;
  if (message !== undefined) throw new Refusal(400, 'say a last message or a code, not both');
  if (
    typeof code !== 'number' ||
    !(code === 1000 || (code >= 3000 && code <= 4999 && Number.isInteger(code)))
  )
    throw new Refusal(400, 'code is 1000, or 3000 to 4999');
  if (typeof reason !== 'string' || Buffer.byteLength(reason) > MAX_REASON)
    throw new Refusal(400, `reason is a text of at most ${MAX_REASON} bytes`);
  return { code, reason };
}
