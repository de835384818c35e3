import { UsageError } from '../errors.ts';
import { findProgram, runProgram } from '../programs.ts';
import type { ProxyName } from './plan.ts';

/** Major, minor, patch. */
export type Version = readonly [number, number, number];

interface Asking {
  readonly programs: readonly string[];
  readonly words: readonly string[];
  readonly answer: RegExp;
}

/** How each proxy is called, and says which one it is. */
export const ASKING: Readonly<Record<ProxyName, Asking>> = {
  nginx: { programs: ['nginx'], words: ['-v'], answer: /nginx\/(\d+\.\d+\.\d+)/ },
  apache: { programs: ['apache2', 'httpd'], words: ['-v'], answer: /Apache\/(\d+\.\d+\.\d+)/ },
  haproxy: { programs: ['haproxy'], words: ['-v'], answer: /version (\d+\.\d+\.\d+)/ },
  caddy: { programs: ['caddy'], words: ['version'], answer: /^v?(\d+\.\d+\.\d+)/ },
};

/** @throws {UsageError} not like `1.22.1`. */
export function parseVersion(text: string): Version {
  const [, major, minor, patch = '0'] = /^(\d{1,4})\.(\d{1,4})(?:\.(\d{1,4}))?$/.exec(text) ?? [];
  if (major !== undefined && minor !== undefined) return [Number(major), Number(minor), Number(patch)];
  throw new UsageError(
    'E_VERSION',
    `${JSON.stringify(text)} is no version; --version takes one such as 1.22.1`,
  );
}

/** Whether a version is at least another; one that is unknown counts as the newest. */
export function isAtLeast(version: Version | undefined, least: Version): boolean {
  if (version === undefined) return true;
  const at = version.findIndex((part, index) => part !== least[index]);
  return at < 0 || (version[at] ?? 0) > (least[at] ?? 0);
}

export function formatVersion(version: Version): string {
  return version.join('.');
}

/** The program's path, `undefined` when it is not installed. */
export function proxyProgram(proxy: ProxyName): string | undefined {
  return ASKING[proxy].programs.map(findProgram).find((path) => path !== undefined);
}

/** @returns what the installed proxy says it is; `undefined` when there is none, or it does not say. */
export async function installedVersion(proxy: ProxyName): Promise<string | undefined> {
  const path = proxyProgram(proxy);
  if (path === undefined) return undefined;
  const { output, errors } = await runProgram(path, ASKING[proxy].words);
  return ASKING[proxy].answer.exec(output + errors)?.[1];
}

/** @throws {UsageError} the configuration would not be understood. */
export function requireVersion(proxy: string, version: Version | undefined, least: Version): void {
  if (isAtLeast(version, least)) return;
  throw new UsageError(
    'E_VERSION',
    `${proxy} ${formatVersion(version ?? least)} is too old for this configuration; it needs ${formatVersion(least)} or newer`,
  );
}
