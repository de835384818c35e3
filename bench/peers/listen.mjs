import { once } from 'node:events';
import { createServer } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { options, ready } from './options.mjs';

/**
 * Opens Node's own HTTP servers that were asked for, gives each to `attach`, and reports when all listen.
 *
 * @param lines a server for the port of lines, where there is one.
 */
export async function serve(attach, lines) {
  const { ws, text, wss, cert, key } = options();
  const ports = {};
  if (ws !== undefined) ports.ws = await listen(createServer(hello), ws, attach);
  if (wss !== undefined) ports.wss = await listen(createSecureServer({ cert, key }, hello), wss, attach);
  if (lines !== undefined && text !== undefined) ports.text = await listen(lines, text);
  ready(ports);
}

async function listen(server, port, attach) {
  attach?.(server);
  server.listen(port, '127.0.0.1', 4096);
  await once(server, 'listening');
  return server.address().port;
}

function hello(_request, response) {
  response.setHeader('Content-Type', 'text/plain');
  response.end('Hello, World!');
}
