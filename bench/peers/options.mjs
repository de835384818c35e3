import { readFileSync } from 'node:fs';
import process from 'node:process';
import { parseArgs } from 'node:util';

/** The face every server of the bench has: `--ws PORT --text PORT --wss PORT --cert FILE --key FILE`, a port of 0 is a free one. */
export function options() {
  const text = { type: 'string' };
  const { values } = parseArgs({ options: { ws: text, text, wss: text, cert: text, key: text } });
  if (values.ws === undefined && values.wss === undefined) fail('give --ws PORT, --wss PORT or both');
  if (values.wss !== undefined && !(values.cert && values.key)) fail('--wss needs --cert FILE and --key FILE');
  return {
    ws: values.ws === undefined ? undefined : Number(values.ws),
    text: values.text === undefined ? undefined : Number(values.text),
    wss: values.wss === undefined ? undefined : Number(values.wss),
    cert: values.cert && readFileSync(values.cert),
    key: values.key && readFileSync(values.key),
  };
}

/** The line the runner waits for. */
export function ready(ports) {
  const named = Object.entries(ports).map(([name, port]) => `${name}=${port}`);
  console.log(['ready', `pid=${process.pid}`, ...named].join(' '));
  process.once('SIGTERM', () => process.exit(0));
  process.once('SIGINT', () => process.exit(0));
}

function fail(reason) {
  console.error(reason);
  process.exit(2);
}
