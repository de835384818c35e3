/** The doctor before a server that means harm, and what has to hold then. */
import assert from 'node:assert/strict';
import { doctor, type Examined } from './examined.ts';
import { answer, HostileServer } from './hostile-server.ts';

const MIB = 1_048_576;
/** What a hostile answer may cost, beyond what Node and the doctor need for a friendly one, in bytes. */
const MEMORY = 64 * MIB;
/** For all steps together, in milliseconds, the start of the process included. */
const DEADLINE_MS = 40_000;
/** All that could move, colour, hide or turn around what a person reads; a new line may be there. */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u;

export const OK = 'HTTP/1.1 200 OK\r\n';

/** Bytes that a friendly answer takes. */
let usual = 0;

/** Before all others: what they are measured by. */
export async function measureFriendly(): Promise<void> {
  const server = await HostileServer.plain(answer(`${OK}Content-Length: 0\r\n\r\n`));
  usual = (await doctor([`ws://127.0.0.1:${server.port}/`])).peak;
  server.close();
  assert.ok(usual > 20 * MIB, `${usual} bytes were measured`);
}

export async function harmless(server: HostileServer, scheme: 'ws' | 'wss'): Promise<void> {
  try {
    prove(await doctor([`${scheme}://127.0.0.1:${server.port}/wss`], 2 * DEADLINE_MS));
    assert.ok(server.connections > 0, 'nobody came');
  } finally {
    server.close();
  }
}

export function prove({ exitCode, output, errors, peak, milliseconds }: Examined): void {
  assert.equal(exitCode, 1, errors || output);
  assert.ok(milliseconds < DEADLINE_MS, `${milliseconds} ms`);
  assert.ok(peak - usual < MEMORY, `${Math.round((peak - usual) / MIB)} MiB more than for a friendly answer`);
  assert.ok(output.trim().length > 0, 'it says something');
  const harm = UNPRINTABLE.exec(`${output}${errors}`.replaceAll('\n', ''));
  assert.equal(harm, null, `U+${harm?.[0].codePointAt(0)?.toString(16)} in ${JSON.stringify(output)}`);
  assert.doesNotMatch(output + errors, /^\s+at .*:\d+:\d+/m, 'a stack trace');
}
