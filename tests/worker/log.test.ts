import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { afterEach, beforeEach, describe, it, mock } from 'node:test';
import { publish } from '../../src/telemetry.ts';
import {
  type Logger,
  log,
  logScreen,
  logTelemetry,
  openLog,
  readLogFormat,
  reopenLog,
  setLogger,
} from '../../src/worker/log.ts';

let directory: string;
let path: string;
let printed: string[];

const text = (file: string = path): string => readFileSync(file, 'utf8');
const nothing: Logger = { debug() {}, info() {}, warn() {}, error() {} };

describe('log', () => {
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'usta-log-'));
    path = join(directory, 'usta.log');
    printed = [];
    mock.method(process.stderr, 'write', (line: string) => {
      printed.push(line);
      return true;
    });
  });
  afterEach(() => {
    mock.restoreAll();
    setLogger(undefined);
    openLog({});
    delete process.env.USTA_LOG;
    rmSync(directory, { recursive: true });
  });

  it('prints one line to standard error: time, pid, sentence', () => {
    log('worker chat: ready');
    assert.equal(printed.length, 1);
    assert.match(
      printed[0] ?? '',
      new RegExp(`^\\d{4}-\\d\\d-\\d\\dT[\\d:.]{12}Z pid:${process.pid} worker chat: ready\\n$`),
    );
  });

  it('is JSON where the environment or the option says so; the option is stronger', () => {
    process.env.USTA_LOG = 'json';
    log('one');
    openLog({ format: 'text' });
    log('two');
    delete process.env.USTA_LOG;
    openLog({ format: 'json' });
    log('three', { event: 'usta:reload', fields: { generation: 2 } });
    assert.equal((JSON.parse(printed[0] ?? '') as { message: string }).message, 'one');
    assert.match(printed[1] ?? '', /pid:\d+ two\n$/);
    const { event, level, pid, generation } = JSON.parse(printed[2] ?? '') as Record<string, unknown>;
    assert.deepEqual([event, level, pid, generation], ['usta:reload', 'info', process.pid, 2]);
  });

  it('lets no peer forge a line', () => {
    const stop = logTelemetry();
    const reason = `x\n${new Date().toISOString()} pid:1 forged\r\u001b[1A`;
    publish('usta:upgrade:refused', { remote: '1.2.3.4:5', status: 400, reason });
    stop();
    assert.equal(printed.length, 1);
    assert.doesNotMatch((printed[0] ?? '').slice(0, -1), /\p{Cc}/u);
    assert.match(printed[0] ?? '', /1\.2\.3\.4:5 was refused with 400: x\\n.* forged\\r\\u001b\[1A\n$/);
  });

  it('tells from info on, or from the level chosen', () => {
    log('a', { level: 'debug' });
    openLog({ level: 'error' });
    log('b', { level: 'warn' });
    log('c', { level: 'error' });
    openLog({ level: 'debug' });
    log('d', { level: 'debug' });
    assert.deepEqual(
      printed.map((line) => line.trimEnd().at(-1)),
      ['c', 'd'],
    );
  });

  it('goes to a file, and to standard error only when asked', () => {
    openLog({ file: path });
    log('one');
    openLog({ file: path, echo: true });
    log('two');
    assert.deepEqual(text().match(/\w+$/gm), ['one', 'two']);
    assert.equal(printed.length, 1);
    assert.match(printed[0] ?? '', / two\n$/);
  });

  it('goes on in a new file after rotation', () => {
    openLog({ file: path });
    log('one');
    renameSync(path, `${path}.1`);
    reopenLog();
    log('two');
    assert.match(text(`${path}.1`), / one\n$/);
    assert.match(text(), /^\S+ pid:\d+ two\n$/);
  });

  it('stays as it was when a file cannot be opened', () => {
    openLog({ file: path });
    assert.throws(() => openLog({ file: directory }), { code: 'EISDIR' });
    log('one');
    assert.match(text(), / one\n$/);
  });

  it('says on standard error that the disk is full, once, and goes on', () => {
    openLog({ file: '/dev/full' });
    log('one');
    log('two');
    assert.equal(printed.length, 1);
    assert.match(printed[0] ?? '', /the log file \/dev\/full cannot be written: no space left on device\n$/);
  });

  it("gives everything to a user's logger instead, and takes it away again", () => {
    const calls: [object, string][] = [];
    setLogger({ ...nothing, warn: (fields, line) => calls.push([fields, line]) });
    const stop = logTelemetry();
    publish('usta:notice', { text: 'look' });
    stop();
    setLogger(undefined);
    log('own');
    assert.deepEqual(calls, [[{ event: 'usta:notice' }, 'look']]);
    assert.equal(printed.length, 1);
  });

  it("survives a user's logger that throws: says so once, and tells itself", () => {
    setLogger({
      ...nothing,
      info() {
        throw new Error('full');
      },
    });
    log('one');
    log('two');
    assert.match(printed[0] ?? '', /the logger that was given failed: Error: full/);
    assert.deepEqual(
      printed.slice(1).map((line) => line.trimEnd().slice(-3)),
      ['one', 'two'],
    );
  });

  it('draws for people only', () => {
    const draw = ({ width, colours }: { width: number; colours: boolean }): string[] => [
      `${width}`,
      `${colours}`,
    ];
    logScreen(draw);
    const terminal = process.stderr.isTTY ? `${process.stderr.columns}\n` : 'Infinity\nfalse\n';
    assert.ok(printed[0]?.startsWith(terminal), printed[0]);
    openLog({ format: 'json' });
    logScreen(draw);
    openLog({});
    setLogger(nothing);
    logScreen(draw);
    assert.equal(printed.length, 1);
  });

  it('knows its formats', () => {
    assert.equal(readLogFormat('json'), 'json');
    assert.throws(() => readLogFormat('xml'), {
      name: 'UsageError',
      message: 'a log is text, pretty or json, not "xml"',
    });
  });
});

describe('log, when nobody reads standard error any more', () => {
  it('does not end the process', async () => {
    const url = new URL('../../src/worker/log.js', import.meta.url).href;
    const script = `
      import { log } from ${JSON.stringify(url)};
      log('ready');
      process.stdin.once('data', () => {
        for (let n = 0; n < 100; n++) log('nobody hears this');
        setTimeout(() => process.stdout.write('alive\\n', () => process.exit(7)), 50);
      });`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: 'pipe' });
    await once(child.stderr, 'data');
    child.stderr.destroy();
    child.stdin.write('go\n');
    const [answer] = await Promise.race([once(child.stdout, 'data'), once(child, 'exit')]);
    assert.equal(String(answer), 'alive\n');
    assert.deepEqual((await once(child, 'exit'))[0], 7);
  });
});
