import { now } from '../timer.ts';
import type { Finding, Sentence } from './finding.ts';
import { foreign } from './foreign.ts';
import { backlogStep } from './local/backlog.ts';
import { Census } from './local/census.ts';
import { certificateStep } from './local/certificate.ts';
import { clockStep } from './local/clock.ts';
import { descriptorStep } from './local/descriptors.ts';
import { firewallStep } from './local/firewall.ts';
import { isLoopback } from './local/listeners.ts';
import { memoryStep } from './local/memory.ts';
import { nodeStep } from './local/node-version.ts';
import { portStep } from './local/port.ts';
import { privilegeStep } from './local/privilege.ts';
import { type Explain, proxyStep, publicPorts, type RunningProxy, runningProxies } from './local/proxies.ts';
import { reachStep } from './local/reach.ts';
import type { Examination, Step } from './local/step.ts';
import type { Observer } from './observer.ts';

/** The manual's port. */
const USUAL_PORT = 8282;

/** Characters of one sentence. */
const MAX_TEXT = 1000;

export interface LocalOptions {
  /** On which the server listens, or shall listen. Default 8282. */
  readonly port?: number;
  /** The address that it listens on; by default any that is found. */
  readonly host?: string;
  /** A file with the certificate and its chain, in PEM. */
  readonly certificate?: string;
  /** A file with its private key, where the certificate's does not hold it. */
  readonly key?: string;
  /** What is wrong with a proxy's configuration; without it, only where it passes to is judged. */
  readonly explain?: Explain;
}

/**
 * Examines this machine for what keeps clients from a server on it. Reads only, as whoever runs it may: what
 * is missing or forbidden is left out and noted.
 *
 * @returns what is wrong; of several faults the first is nearest to the root.
 */
export async function examineLocal(options: LocalOptions, observer: Observer): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  for (const step of await stepsFor(options)) {
    observer.began(step.name);
    const begun = now();
    const { findings: found, note } = await examined(step);
    const milliseconds = now() - begun;
    observer.ended(step.name, {
      ok: found.length === 0,
      milliseconds,
      ...(note ? { note: cleaned(note) } : {}),
    });
    findings.push(
      ...found.map((one) => ({ ...one, cause: cleaned(one.cause), remedy: cleaned(one.remedy) })),
    );
  }
  return findings;
}

async function stepsFor({
  port = USUAL_PORT,
  host,
  certificate,
  key,
  explain,
}: LocalOptions): Promise<Step[]> {
  const census = await Census.take();
  const proxies = runningProxies(census);
  const outside = (): number[] => portsForClients(census, port, proxies);
  return [
    nodeStep(),
    privilegeStep(census, port),
    portStep(census, { port, host }),
    reachStep(census, port, () => proxies.length > 0 && publicPorts(census).length > 0),
    firewallStep(outside),
    proxyStep(census, { proxies, port, explain }),
    ...(certificate === undefined ? [] : [certificateStep({ certificate, key })]),
    descriptorStep(census, port),
    backlogStep(),
    memoryStep(),
    clockStep(),
  ];
}

/** Behind a proxy clients come to its ports, not to the server's. */
function portsForClients(census: Census, port: number, proxies: readonly RunningProxy[]): number[] {
  const sockets = census.on(port);
  const hidden = sockets.length > 0 && sockets.every(isLoopback);
  return hidden && proxies.length > 0 ? publicPorts(census) : [port];
}

/** Names of programs and lines of configurations are somebody else's words, too. */
function cleaned({ en, tr }: Sentence): Sentence {
  return { en: foreign(en, MAX_TEXT), tr: foreign(tr, MAX_TEXT) };
}

/** A step that fails is not the examination's end: what it met is its note. */
async function examined(step: Step): Promise<Examination> {
  try {
    return await step.examine();
  } catch (error) {
    const met = error instanceof Error ? error.message : String(error);
    const note: Sentence = { en: `could not be examined: ${met}`, tr: `incelenemedi: ${met}` };
    return { findings: [], note };
  }
}
