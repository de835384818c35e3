import { dirname, join } from 'node:path';
import process from 'node:process';
import { checkCertificate } from '../certificates/check.ts';
import { developmentAuthorities, developmentCertificate } from '../certificates/development.ts';
import type { CertificateFinding } from '../certificates/findings.ts';
import { readChain } from '../certificates/key-pair.ts';
import { chainTree, portrait } from '../certificates/portrait.ts';
import { readSmallFile } from '../certificates/small-file.ts';
import { installTrust, removeTrust, type TrustFailure, type TrustResult } from '../certificates/trust.ts';
import { trustGuide } from '../certificates/trust-guide.ts';
import type { Command } from '../cli/command.ts';
import { alignedRows } from '../cli/table.ts';
import type { Terminal } from '../cli/terminal.ts';
import type { Words } from '../cli/words.ts';
import { UsageError } from '../errors.ts';
import { nearest } from '../nearest.ts';

type Deed = (operands: readonly string[], words: Words, terminal: Terminal) => Promise<number>;

interface Verb {
  readonly usage: string;
  readonly files: boolean;
  /** Of the options of the command, those that it takes. */
  readonly options: readonly string[];
  readonly run: Deed;
}

const VERBS: Readonly<Record<string, Verb>> = {
  check: {
    usage: 'check FILE',
    files: true,
    options: ['key', 'name', 'root', 'passphrase-file'],
    run: check,
  },
  show: { usage: 'show FILE', files: true, options: ['root'], run: show },
  dev: { usage: 'dev [NAME …]', files: false, options: ['install', 'remove'], run: develop },
};

/** `usta cert`: looks at certificates, and makes those for development. */
export const certificateCommand: Command = {
  name: 'cert',
  summary: 'checks and shows certificates, makes those for development',
  usage: 'check FILE | show FILE | dev [NAME …]',
  operands: { least: 1, most: 100 },
  options: {
    key: { value: 'FILE', summary: 'check: the private key, when it is not in FILE' },
    name: {
      value: 'HOST',
      multiple: true,
      summary: 'check: a name that clients will use; may be given again',
    },
    root: { value: 'FILE', summary: 'check, show: authorities that clients trust besides the public ones' },
    'passphrase-file': { value: 'FILE', summary: 'check: of an encrypted key, on the first line' },
    install: { summary: 'dev: has Chromium and this system trust it' },
    remove: { summary: 'dev: takes that back' },
  },
  examples: [
    'usta cert check fullchain.pem --key privkey.pem --name domain.com',
    'usta cert dev shop.local --install',
  ],
  async run(words, terminal) {
    const [name = '', ...operands] = words.operands;
    const verb = verbOf(name);
    const alien = Object.keys(certificateCommand.options).find(
      (option) => !verb.options.includes(option) && (words.flag(option) || words.list(option).length > 0),
    );
    if (alien !== undefined) {
      throw new UsageError('E_OPTION', `usta cert ${name} has no option --${alien}; see usta help cert`);
    }
    if (verb.files && operands.length !== 1) {
      throw new UsageError('E_USAGE', `one file is wanted; usage: usta cert ${verb.usage}`);
    }
    return verb.run(operands, words, terminal);
  },
};

function verbOf(name: string): Verb {
  const verb = Object.hasOwn(VERBS, name) ? VERBS[name] : undefined;
  if (verb) return verb;
  const meant = nearest(name, Object.keys(VERBS));
  const hint =
    meant === undefined ? `usage: usta cert ${certificateCommand.usage}` : `did you mean usta cert ${meant}?`;
  throw new UsageError('E_COMMAND', `usta cert has no word "${name}"; ${hint}`);
}

async function check([file = '']: readonly string[], words: Words, terminal: Terminal): Promise<number> {
  const passphrase = passphraseIn(words.text('passphrase-file'));
  const { findings, chain } = checkCertificate(
    {
      local_cert: file,
      ...given('local_pk', words.text('key')),
      ...given('ca', words.text('root')),
      ...given('passphrase', passphrase),
    },
    { names: words.list('name'), directory: process.cwd(), filesOnly: true },
  );
  for (const one of findings) printFinding(one, terminal);
  const faults = findings.filter(({ severity }) => severity === 'fault').length;
  const [leaf] = chain;
  if (leaf && faults === 0) {
    const keyText = words.text('key') === undefined ? '' : ' and its key';
    terminal.print(`${terminal.paint('green', '✓')} ${file}: ${leaf.subject}${keyText} can be served`);
  }
  return faults > 0 ? 1 : 0;
}

async function show([file = '']: readonly string[], words: Words, terminal: Terminal): Promise<number> {
  const findings: CertificateFinding[] = [];
  const tell = (found: CertificateFinding): unknown => findings.push(found);
  const desk = { directory: process.cwd(), tell, filesOnly: true };
  const root = words.text('root');
  const roots = root === undefined ? [] : readChain(root, desk);
  const chain = readChain(file, desk);
  for (const one of findings) printFinding(one, terminal);
  const [leaf] = chain ?? [];
  if (leaf === undefined || chain === undefined || roots === undefined) return 1;
  for (const line of alignedRows(portrait(leaf))) terminal.print(line);
  const more = roots.map(({ pem }) => pem);
  for (const [index, line] of chainTree(chain, more).entries()) {
    terminal.print(`${index === 0 ? 'chain' : '     '}    ${line}`);
  }
  return 0;
}

async function develop(names: readonly string[], words: Words, terminal: Terminal): Promise<number> {
  if (words.flag('install') && words.flag('remove')) {
    throw new UsageError('E_OPTION', '--install and --remove are against each other; leave one of them out');
  }
  if (words.flag('remove')) return withdraw(names, terminal);
  const made = await developmentCertificate({ names });
  const reason = made.reason === undefined ? '' : ` (made now: ${made.reason})`;
  const rows = [
    ['authority', made.caFile],
    ['certificate', `${join(dirname(made.caFile), 'leaf.pem')}${reason}`],
    ['names', made.names.join(', ')],
  ];
  for (const line of alignedRows(rows)) terminal.print(line);
  if (words.flag('install')) return report(await installTrust(made.caFile), terminal);
  const own = names.length === 0 ? '' : `{ names: [${names.map((name) => `'${name}'`).join(', ')}] }`;
  terminal.print(`\nServe with it:  new Worker('wss://…', { ssl: await developmentCertificate(${own}) })`);
  terminal.print('\nHave it trusted:');
  for (const line of alignedRows(trustGuide(made.caFile))) terminal.print(`  ${line}`);
  return 0;
}

async function withdraw(names: readonly string[], terminal: Terminal): Promise<number> {
  if (names.length > 0) throw new UsageError('E_USAGE', 'usta cert dev --remove takes no names');
  const authorities = await developmentAuthorities();
  if (authorities.length > 0) return report(await removeTrust(authorities), terminal);
  terminal.print('There is no development CA of this user: nothing to remove.');
  return 0;
}

function report(results: readonly (TrustResult | TrustFailure)[], terminal: Terminal): number {
  for (const result of results) {
    const place = `${result.who} (${result.where})`;
    if ('problem' in result) terminal.complain(`${terminal.paint('red', '✗')} ${place}: ${result.problem}`);
    else terminal.print(`${terminal.paint('green', '✓')} ${place}: ${result.outcome}`);
  }
  return results.some((result) => 'problem' in result) ? 1 : 0;
}

function printFinding({ severity, cause, remedy }: CertificateFinding, terminal: Terminal): void {
  const mark = severity === 'fault' ? terminal.paint('red', '✗') : terminal.paint('yellow', '!');
  terminal.print(`${mark} ${cause}`);
  if (remedy !== '') terminal.print(`  → ${remedy}`);
}

/** @throws {UsageError} the file cannot be read. */
function passphraseIn(file: string | undefined): string | undefined {
  if (file === undefined) return undefined;
  const read = readSmallFile(file);
  if ('fault' in read) throw new UsageError('E_OPTION', `--passphrase-file: ${file} cannot be read`);
  return read.bytes.toString('utf8').split(/\r?\n/)[0] ?? '';
}

function given<Name extends string>(name: Name, value: string | undefined): { [Key in Name]?: string } {
  return (value === undefined ? {} : { [name]: value }) as { [Key in Name]?: string };
}
