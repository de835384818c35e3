import { readFileSync } from 'node:fs';
import type { Command } from '../cli/command.ts';
import { language } from '../cli/language.ts';
import type { Terminal } from '../cli/terminal.ts';
import type { Words } from '../cli/words.ts';
import type { ExamineOptions, StepRecord } from '../doctor/examination.ts';
import { examine, type Report } from '../doctor/examine.ts';
import { examineLocal, type LocalOptions } from '../doctor/local.ts';
import type { Observer } from '../doctor/observer.ts';
import { type PageStyle, stepLine, verdictLines } from '../doctor/page.ts';
import { told } from '../doctor/report.ts';
import { isAddress, readTarget } from '../doctor/target.ts';
import { UsageError } from '../errors.ts';
import { explain } from '../front/explain.ts';

const MAX_PORT = 65_535;

/** `usta doctor`: says why a client does not connect, and what to change. */
export const doctorCommand: Command = {
  name: 'doctor',
  summary: 'says why wss://… does not connect, and what to change',
  usage: 'URL | --local [PORT]',
  operands: { least: 0, most: 1 },
  options: {
    local: { summary: 'examines this machine: port, firewall, limits, certificate, proxies' },
    for: { value: 'wechat', summary: 'also what this kind of client needs' },
    idle: { value: 'SECONDS', summary: 'waits on an idle WebSocket, to find who cuts it' },
    origin: { value: 'ORIGIN', summary: 'sends this Origin, as pages of that site do' },
    page: { value: 'URL', summary: 'the page that connects: its origin, and whether it may open ws://' },
    protocol: { value: 'NAME', multiple: true, summary: 'offers this subprotocol; may be given again' },
    header: { value: 'NAME:TEXT', multiple: true, summary: 'sends this header; may be given again' },
    address: { value: 'IP', summary: 'connects there, whatever DNS says' },
    dns: { value: 'IP', multiple: true, summary: 'asks this name server; may be given again' },
    ca: { value: 'FILE', summary: 'trusts these authorities too, PEM' },
    timeout: { value: 'SECONDS', summary: 'for each step, 5 unless given' },
    cert: { value: 'FILE', summary: 'with --local: examines this certificate' },
    key: { value: 'FILE', summary: 'with --local: its private key' },
    json: { summary: 'prints one JSON document instead of lines' },
  },
  examples: [
    'usta doctor wss://domain.com/wss',
    'usta doctor wss://domain.com/wss --idle 75 --origin https://domain.com',
    'usta doctor --local 8282',
  ],
  run,
};

/** @returns 0 when nothing is a fault, else 1. */
async function run(words: Words, terminal: Terminal): Promise<number> {
  const style: PageStyle = { language: language(), width: terminal.width, paint: terminal.paint };
  const json = words.flag('json');
  const steps: StepRecord[] = [];
  const observer = json ? recording(steps) : showing(terminal, style);
  const examination = begin(words, observer, steps);
  const report = await examination;
  if (json) terminal.print(JSON.stringify(told(report, style.language), null, 2));
  else terminal.print(verdictLines(report.verdict, report.also, style).join('\n'));
  return report.verdict === undefined ? 0 : 1;
}

/** @throws {UsageError} before anything is examined. */
function begin(words: Words, observer: Observer, steps: readonly StepRecord[]): Promise<Report> {
  const [operand] = words.operands;
  if (words.flag('local')) return examineThisMachine(localOptions(words, operand), observer, steps);
  if (operand === undefined) throw new UsageError('E_USAGE', 'which URL? usta doctor wss://domain.com/wss');
  return examine(readTarget(operand), examineOptions(words), observer);
}

async function examineThisMachine(
  options: LocalOptions,
  observer: Observer,
  steps: readonly StepRecord[],
): Promise<Report> {
  const findings = await examineLocal(options, observer);
  const verdict = findings.find(({ severity }) => severity === 'fault');
  return { url: 'local', verdict, also: findings.filter((one) => one !== verdict), steps };
}

function localOptions(words: Words, operand: string | undefined): LocalOptions {
  const port = operand === undefined ? undefined : Number(operand);
  if (port !== undefined && !(Number.isInteger(port) && port > 0 && port <= MAX_PORT)) {
    throw new UsageError('E_USAGE', `--local takes a port from 1 to ${MAX_PORT}, not "${operand}"`);
  }
  const certificate = words.text('cert');
  const key = words.text('key');
  return {
    explain: (path) => explain(readFileSync(path, 'utf8')),
    ...(port === undefined ? {} : { port }),
    ...(certificate === undefined ? {} : { certificate }),
    ...(key === undefined ? {} : { key }),
  };
}

function examineOptions(words: Words): ExamineOptions {
  const timeout = words.number('timeout', 0.1);
  const idle = words.number('idle', 0.1);
  const address = addresses('address', words.list('address')).at(-1);
  const nameServers = addresses('dns', words.list('dns'));
  const page = words.text('page');
  if (page !== undefined && !URL.canParse(page))
    throw new UsageError('E_OPTION', `--page needs a URL, not "${page}"`);
  const origin = words.text('origin');
  return {
    protocols: words.list('protocol'),
    headers: Object.fromEntries(words.list('header').map(headerIn)),
    authorities: words.list('ca').flatMap(authoritiesIn),
    ...client(words.text('for')),
    ...(timeout === undefined ? {} : { timeout }),
    ...(idle === undefined ? {} : { idle }),
    ...(address === undefined ? {} : { address }),
    ...(nameServers.length === 0 ? {} : { nameServers }),
    ...(page === undefined ? {} : { page }),
    ...(origin === undefined ? {} : { origin }),
  };
}

function client(name: string | undefined): { readonly client?: 'wechat' } {
  if (name === undefined) return {};
  if (name === 'wechat') return { client: name };
  throw new UsageError('E_OPTION', `--for knows wechat, not "${name}"`);
}

function addresses(option: string, given: readonly string[]): readonly string[] {
  const wrong = given.find((one) => !isAddress(one));
  if (wrong === undefined) return given;
  throw new UsageError('E_OPTION', `--${option} needs an IP address, not "${wrong}"`);
}

function headerIn(text: string): [name: string, value: string] {
  const [, name, value] = /^([\w!#$%&'*+.^`|~-]+)\s*:\s*(.*)$/.exec(text) ?? [];
  if (name !== undefined && value !== undefined) return [name, value];
  throw new UsageError('E_OPTION', `--header needs NAME: TEXT, not "${text}"`);
}

function authoritiesIn(file: string): readonly string[] {
  try {
    const found = readFileSync(file, 'latin1').match(
      /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g,
    );
    if (found) return found;
  } catch (error) {
    throw new UsageError('E_OPTION', `--ca ${file} cannot be read: ${(error as Error).message}`);
  }
  throw new UsageError('E_OPTION', `--ca ${file} holds no certificate in PEM form`);
}

function recording(steps: StepRecord[]): Observer {
  return { began: () => undefined, ended: (step, result) => steps.push({ step, ...result }) };
}

function showing(terminal: Terminal, style: PageStyle): Observer {
  return {
    began: (step) => terminal.progress(`… ${step[style.language]}`),
    ended: (step, result) => terminal.print(stepLine(step, result, style)),
  };
}
