import { realpathSync } from 'node:fs';
import { UsageError } from '../../errors.ts';

/**
 * Without a name the directory of the script is meant: not when that is a tool which runs the program.
 *
 * @param script what Node was told to run.
 * @throws {UsageError} a name is needed.
 */
export function proveCluster(cluster: string | undefined, script: string | undefined): void {
  if (cluster !== undefined || isOwnScript(script)) return;
  const message = "which cluster? connect({ cluster: 'chat' }), and Gateway.cluster = 'chat' in the server";
  throw new UsageError('E_PUSH_CLUSTER', message);
}

function isOwnScript(script: string | undefined): boolean {
  try {
    return script !== undefined && script !== '' && !/[\\/]node_modules[\\/]/.test(realpathSync(script));
  } catch {
    return false;
  }
}
