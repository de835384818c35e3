import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { describe, it } from 'node:test';

const SRC = resolve(import.meta.dirname ?? '.', '..', '..', 'src');

/** Ground floor first; rooms of one floor stand side by side and do not see each other. */
const FLOORS = [
  ['errors.ts', 'telemetry.ts', 'nearest.ts', 'client'],
  ['bytes', 'programs.ts', 'runtime-directory.ts', 'clock.ts', 'contained.ts'],
  ['protocol', 'transport', 'cron'],
  ['timer.ts'],
  ['certificates'],
  ['connection'],
  ['worker'],
  ['bus'],
  ['gateway', 'channel', 'session', 'upload', 'testing'],
  ['master'],
  ['cli', 'dashboard', 'doctor', 'front'],
  ['commands'],
  ['script-words.ts'],
  ['public-worker.ts'],
  ['index.ts', 'usta.ts', 'push.ts'],
];

/** What may be done only where it belongs: a pattern, and the rooms that may. */
const CAPABILITIES: readonly [what: string, pattern: RegExp, rooms: readonly string[]][] = [
  ['node:net, node:dgram', /from 'node:(net|dgram)'/, ['transport', 'doctor']],
  ['node:tls', /from 'node:tls'/, ['transport', 'doctor', 'certificates']],
  ['node:cluster', /from 'node:cluster'/, ['master']],
  ['process.kill', /\bprocess\.kill\b/, ['master']],
  ['node:child_process', /from 'node:child_process'/, ['master', 'programs.ts']],
  ['timers', /\bset(Timeout|Interval)\(/, ['clock.ts', 'client']],
  ['printing', /\bconsole\.|process\.std(out|err)\b/, ['cli', 'worker/log.ts']],
  ['NATS', /'@nats-io\//, ['bus/nats.ts']],
  ['croner', /'croner'/, ['cron/calendar.ts']],
  // A bus and a store of sessions speak to it; the third only names the client's options.
  ['Redis', /'ioredis'/, ['bus/redis.ts', 'session/redis-store.ts', 'bus/redis-address.ts']],
];

/** Not below the connections: codecs and bytes are pure. */
const IMPURE =
  /\basync\b|\bawait\b|\bPromise\b|node:(net|tls|dgram|http|https|timers)|performance\.now|Date\.now|new Date\b|setImmediate|nextTick/;

const MEANINGLESS = /^(utils?|helpers?|common|misc|types|manager|base)\.ts$/;

const sources = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts'))
  .map((name) => join(SRC, name));

describe('the house', () => {
  it('has every file on a floor', () => {
    for (const file of sources) assert.notEqual(floor(file), -1, `${shown(file)} is in no room of the plan`);
    assert.ok(sources.length > 40);
  });

  it('imports stay in their room or point downstairs', () => {
    for (const file of sources) {
      for (const target of imports(file)) {
        const imported = resolve(dirname(file), target);
        const allowed = room(imported) === room(file) || floor(imported) < floor(file);
        assert.ok(allowed, `${shown(file)} must not import ${target}`);
      }
    }
  });

  it('does each thing only where it belongs', () => {
    for (const file of sources) {
      const code = withoutComments(file);
      for (const [what, pattern, rooms] of CAPABILITIES) {
        const allowed = rooms.some((one) => shown(file) === one || room(file) === one);
        assert.ok(
          allowed || !pattern.test(code),
          `${shown(file)} must not use ${what}: that belongs to ${rooms.join(', ')}`,
        );
      }
    }
  });

  it('keeps protocol/ and bytes/ free of sockets, clocks and promises', () => {
    for (const file of sources.filter((one) => ['protocol', 'bytes'].includes(room(one)))) {
      const found = IMPURE.exec(withoutComments(file));
      assert.equal(found, null, `${shown(file)} must be pure, but has ${found?.[0]}`);
    }
  });

  it('has no file whose name says nothing', () => {
    for (const file of sources) assert.doesNotMatch(file.split(sep).at(-1) ?? '', MEANINGLESS);
  });
});

function imports(file: string): string[] {
  const found = withoutComments(file).matchAll(/(?:from|import)\s*\(?'(\.[^']+)'/g);
  return [...found].map((match) => match[1] ?? '');
}

function withoutComments(file: string): string {
  return readFileSync(file, 'utf8').replace(/\/\*[\s\S]*?\*\/|(?<![:'"`])\/\/.*$/gm, '');
}

function shown(file: string): string {
  return relative(SRC, file).split(sep).join('/');
}

function room(file: string): string {
  return shown(file).split('/')[0] ?? '';
}

function floor(file: string): number {
  return FLOORS.findIndex((rooms) => rooms.includes(room(file)));
}
