import type { Exchange } from '../exchange.ts';
import { postOver } from '../post.ts';
import { Verbs } from '../verbs.ts';

/** Where no events of clients are handled there is no current one. */
const INSIDE_ONLY = [
  'sendToCurrentClient',
  'closeCurrentClient',
  'destroyCurrentClient',
  'destoryCurrentClient',
] as const;

/** What can be done with clients from a program that is no worker. */
export type OutsideVerbs = Omit<Pick<Verbs, keyof Verbs>, (typeof INSIDE_ONLY)[number]>;

/** @param proveOpen throws when they cannot be used any more. */
export function outsideVerbs(exchange: Exchange, proveOpen: () => void): OutsideVerbs {
  const present = (): Exchange => {
    proveOpen();
    return exchange;
  };
  const verbs = new Verbs(
    postOver(
      (act) => act(present()),
      async () => present(),
    ),
    () => '',
  );
  const names = Object.getOwnPropertyNames(Verbs.prototype) as (keyof Verbs | 'constructor')[];
  const given = names.filter((name) => name !== 'constructor' && !INSIDE_ONLY.includes(name as never));
  return Object.fromEntries(given.map((name) => [name, verbs[name as keyof Verbs].bind(verbs)])) as never;
}
