/** One broken set-up each: the doctor names the right cause, and not a neighbour's. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CATALOGUE } from '../../src/doctor/catalogue.ts';
import { examine } from '../../src/doctor/examine.ts';
import { readTarget } from '../../src/doctor/target.ts';
import { Site } from './site.ts';
import { FIXTURES } from './verdicts.ts';

const SILENT = { began: (): void => undefined, ended: (): void => undefined };

describe('usta doctor, verdicts', { concurrency: 4 }, () => {
  for (const { code, setUp, also, arrange } of FIXTURES) {
    it(`${code}: ${setUp}`, async () => {
      const site = new Site();
      try {
        const { url, options = {} } = await arrange(site);
        const report = await examine(readTarget(url), options, SILENT);
        const seen = JSON.stringify(report, undefined, 1);
        if (also)
          assert.ok(
            report.also.some((one) => one.code === code),
            seen,
          );
        else assert.equal(report.verdict?.code, code, seen);
        for (const { cause, remedy } of [report.verdict, ...report.also].flatMap((one) => one ?? [])) {
          for (const text of [cause.en, cause.tr, remedy.en, remedy.tr])
            assert.doesNotMatch(text, /\{\w+\}|undefined/);
        }
      } finally {
        await site.close();
      }
    });
  }

  it('begins with the ten commonest, and has at least thirty', () => {
    assert.ok(new Set(FIXTURES.map(({ code }) => code)).size >= 30);
    assert.deepEqual(
      FIXTURES.slice(0, 10).map(({ code }) => code),
      [
        'port-filtered',
        'port-refused',
        'plain-on-wss-port',
        'certificate-chain-incomplete',
        'certificate-wrong-name',
        'certificate-expired',
        'upgrade-not-passed',
        'bad-gateway',
        'idle-cut',
        'bound-to-loopback',
      ],
    );
  });

  it('has a set-up for everything that can be found', () => {
    const shown = new Set<string>(FIXTURES.map(({ code }) => code));
    assert.deepEqual(
      Object.keys(CATALOGUE).filter((code) => !shown.has(code)),
      [],
    );
  });

  it('says nothing about servers that are right, over wss and ws', async () => {
    const site = new Site();
    try {
      const secure = await site.echo(site.pair(), { perMessageDeflate: true });
      const plain = await site.echo();
      const authorities = [site.authority.cert];
      for (const url of [`wss://127.0.0.1:${secure}/a?b=c`, `ws://localhost:${plain}/`]) {
        const report = await examine(
          readTarget(url),
          { authorities, address: '127.0.0.1', idle: 0.3 },
          SILENT,
        );
        assert.deepEqual([report.verdict, report.also], [undefined, []], url);
        assert.ok(
          report.steps.every(({ ok }) => ok),
          JSON.stringify(report.steps),
        );
      }
    } finally {
      await site.close();
    }
  });
});
