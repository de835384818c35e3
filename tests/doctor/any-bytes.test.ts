/** Whatever bytes a server sends, the examination ends with a report. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { examine } from '../../src/doctor/examine.ts';
import { readTarget } from '../../src/doctor/target.ts';
import { answering, type Conduct, opening, Site } from './site.ts';

const SILENT = { began: (): void => undefined, ended: (): void => undefined };
const HARM = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u;

const bytes = fc.uint8Array({ maxLength: 300 }).map((one) => Buffer.from(one));
const ways: Readonly<Record<string, fc.Arbitrary<Buffer>>> = {
  bytes,
  'a status line and bytes': bytes.map((rest) => Buffer.concat([Buffer.from('HTTP/1.1 101 OK\r\n'), rest])),
  'a TLS record of bytes': bytes.map((rest) =>
    Buffer.concat([Buffer.of(22, 3, 3, rest.length >> 8, rest.length & 255), rest]),
  ),
};

describe('usta doctor, any bytes', () => {
  for (const scheme of ['ws', 'wss'] as const) {
    for (const [name, arbitrary] of Object.entries(ways)) {
      it(`${scheme}: ${name}`, async () => {
        await fc.assert(
          fc.asyncProperty(arbitrary, (sent) => reported(scheme, answering(sent))),
          { numRuns: 25 },
        );
      });
    }
  }

  it('ws: bytes after a 101', async () => {
    const conduct = (sent: Buffer): Conduct => opening((stream) => stream.end(sent));
    await fc.assert(
      fc.asyncProperty(bytes, (sent) => reported('ws', conduct(sent))),
      { numRuns: 40 },
    );
  });
});

async function reported(scheme: string, conduct: Conduct): Promise<void> {
  const site = new Site();
  try {
    const target = readTarget(`${scheme}://127.0.0.1:${await site.plain(conduct)}/`);
    const { verdict, also, steps } = await examine(target, { timeout: 2 }, SILENT);
    assert.ok(verdict);
    const texts = [verdict, ...also].flatMap(({ cause, remedy }) => [
      cause.en,
      cause.tr,
      remedy.en,
      remedy.tr,
    ]);
    for (const text of [...texts, ...steps.flatMap(({ note }) => (note ? [note.en, note.tr] : []))]) {
      assert.doesNotMatch(text, HARM);
    }
  } finally {
    await site.close();
  }
}
