import { ADDRESS } from '../../src/doctor/catalogue/address.ts';
import { ANSWER } from '../../src/doctor/catalogue/answer.ts';
import { CERTIFICATE } from '../../src/doctor/catalogue/certificate.ts';
import type { Entry } from '../../src/doctor/catalogue/entry.ts';
import { NETWORK } from '../../src/doctor/catalogue/network.ts';
import { REFUSAL } from '../../src/doctor/catalogue/refusal.ts';
import { TLS } from '../../src/doctor/catalogue/tls.ts';
import { WEBSOCKET } from '../../src/doctor/catalogue/websocket.ts';
import type { Code } from '../../src/doctor/catalogue.ts';
import type { ServerKind } from '../../src/doctor/server-kind.ts';
import { FIXTURES } from './verdicts.ts';

const SECTIONS: Readonly<Record<string, Readonly<Record<string, Entry>>>> = {
  'URL and name': ADDRESS,
  TCP: NETWORK,
  TLS,
  Certificates: CERTIFICATE,
  'The answer': ANSWER,
  'Refusals and failures': REFUSAL,
  'The WebSocket': WEBSOCKET,
};

const NAMES: Readonly<Record<ServerKind, string>> = {
  nginx: 'nginx',
  apache: 'Apache',
  haproxy: 'HAProxy',
  caddy: 'Caddy',
  cdn: 'a network in front',
};

/** Where the table stands in the page. */
export const BEGIN = '<!-- verdicts: written by dist/tests/doctor/write-table.js -->';
export const END = '<!-- end of verdicts -->';

/** Every verdict with its remedy and the set-ups that a test has for it, in Markdown. */
export function verdictTable(): string {
  const parts = Object.entries(SECTIONS).map(([title, entries]) => section(title, entries));
  return [BEGIN, ...parts, END].join('\n\n');
}

function section(title: string, entries: Readonly<Record<string, Entry>>): string {
  const rows = Object.entries(entries).map(([code, entry]) => row(code as Code, entry));
  return [
    `### ${title}`,
    '',
    '| verdict | cause | remedy | tested with |',
    '|---|---|---|---|',
    ...rows,
  ].join('\n');
}

function row(code: Code, { severity, cause, remedy, inWordsOf = {} }: Entry): string {
  const own = Object.entries(inWordsOf).map(([kind, { en }]) => `**${NAMES[kind as ServerKind]}**: ${en}`);
  const setUps = FIXTURES.filter((one) => one.code === code).map(({ setUp }) => setUp);
  const mark = severity === 'warning' ? ' (warning)' : '';
  const cells = [`\`${code}\`${mark}`, cause.en, [remedy.en, ...own].join('<br>'), setUps.join('<br>')];
  return `| ${cells.map(shown).join(' | ')} |`;
}

/** Gaps are shown as what stands in them. */
function shown(text: string): string {
  return text
    .replace(/\{(?!\s)(\w+)\}/g, '*$1*')
    .replaceAll('|', '\\|')
    .replaceAll('$', '\\$');
}
