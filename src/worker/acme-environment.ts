import process from 'node:process';
import type { AcmeOptions } from '../certificates/acme/options.ts';
import { UsageError } from '../errors.ts';

const VARIABLE = 'USTA_ACME';

/** How `usta start server.ts --domain x.com` reaches the workers of the script, in every process of the service. */
export function acmeToEnvironment(options: AcmeOptions): Record<string, string> {
  return { [VARIABLE]: JSON.stringify(options) };
}

/** @throws {UsageError} somebody else has written into the variable. */
export function acmeFromEnvironment(): AcmeOptions | undefined {
  const text = process.env[VARIABLE];
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text) as AcmeOptions;
  } catch (cause) {
    throw new UsageError('E_ACME', `${VARIABLE} holds no JSON; usta start --domain writes it`, { cause });
  }
}
