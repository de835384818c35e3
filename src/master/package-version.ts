import { readFileSync } from 'node:fs';

/** Of this package, compiled or run from its sources, which lie a folder higher. */
export const PACKAGE_VERSION: string =
  ['../../package.json', '../../../package.json']
    .map((path) => versionIn(new URL(path, import.meta.url)))
    .find((version) => version !== undefined) ?? '';

function versionIn(file: URL): string | undefined {
  try {
    return (JSON.parse(readFileSync(file, 'utf8')) as { version?: string }).version;
  } catch {
    return undefined;
  }
}
