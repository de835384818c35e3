import { AcmeError } from './acme-error.ts';
import { contactsIn } from './documents.ts';
import type { Answer } from './exchange.ts';
import type { ExternalAccountBinding } from './jws.ts';
import type { AcmeSession } from './session.ts';

export interface AccountWish {
  readonly email: string | undefined;
  readonly externalAccountBinding: ExternalAccountBinding | undefined;
}

/**
 * Finds the account of the session's key, or makes it; its contact follows the options.
 *
 * @throws {AcmeError} when the authority refuses.
 * @see RFC 8555 §7.3
 */
export async function openAccount(session: AcmeSession, wish: AccountWish): Promise<void> {
  const contact = wish.email === undefined ? [] : [`mailto:${wish.email}`];
  const found = (await findAccount(session)) ?? (await createAccount(session, wish, contact));
  session.account = location(found);
  const known = contactsIn(found.body);
  if (known && known.join() !== contact.join()) await session.post(session.account, { contact });
}

/** @see RFC 8555 §7.3.1 */
async function findAccount(session: AcmeSession): Promise<Answer | undefined> {
  const { newAccount } = await session.directory();
  try {
    return await session.post(newAccount, { onlyReturnExisting: true }, { withKey: true });
  } catch (error) {
    if (error instanceof AcmeError && error.problem === 'accountDoesNotExist') return undefined;
    throw error;
  }
}

async function createAccount(
  session: AcmeSession,
  { externalAccountBinding }: AccountWish,
  contact: readonly string[],
): Promise<Answer> {
  const { newAccount, externalAccountRequired } = await session.directory();
  if (externalAccountRequired && !externalAccountBinding) {
    throw new AcmeError('externalAccountRequired', `${new URL(newAccount).host} wants an external account`);
  }
  const binding = externalAccountBinding
    ? { externalAccountBinding: session.key.bound(externalAccountBinding, newAccount) }
    : {};
  const contacts = contact.length > 0 ? { contact } : {};
  return session.post(newAccount, { termsOfServiceAgreed: true, ...contacts, ...binding }, { withKey: true });
}

/** Where the thing that was made can be found. */
export function location({ headers }: Answer): string {
  const { location: url } = headers;
  if (url !== undefined && URL.canParse(url)) return url;
  throw new AcmeError('badAnswer', 'the authority made something without saying where it is (Location)');
}
