/** Autobahn 4: reserved opcodes. */
import { type AutobahnCase, exchange, failed, textAnswer } from '../exchange.ts';
import { frame, ping, text } from '../frames.ts';

const HELLO = 'Hello, world!';
const CHOICE = 'the first message is echoed before the Close frame (the suite: or not)';

const GROUPS = [
  { group: '4.1', kind: 'data', first: 3 },
  { group: '4.2', kind: 'control', first: 11 },
];

/** The two groups do the same with five opcodes each. */
const FORMS = [
  { payload: '', after: false },
  { payload: 'reserved opcode payload', after: false },
  { payload: '', after: true },
  { payload: HELLO, after: true },
  { payload: HELLO, after: true, cut: 1 },
];

export const section4: readonly AutobahnCase[] = GROUPS.flatMap(({ group, kind, first }) =>
  FORMS.map(({ payload, after, cut = 'whole' as const }, index) => {
    const opcode = first + index;
    const what = `reserved ${kind} opcode ${opcode} ${payload === '' ? 'without' : 'with'} payload`;
    const how = cut === 1 ? ', octet by octet' : '';
    return exchange({
      id: `${group}.${index + 1}`,
      title: after ? `text message, ${what}, Ping${how}: echo, then 1002, no Pong` : `${what}: 1002`,
      rfc: '§5.2',
      ...(after ? { choice: CHOICE } : {}),
      sends: after ? [text(HELLO), frame(opcode, payload), ping()] : [frame(opcode, payload)],
      cut,
      answers: after ? [textAnswer(HELLO)] : [],
      end: failed(1002),
    });
  }),
);
