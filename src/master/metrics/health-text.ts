import type { ServiceStatus } from '../service-status.ts';

/** What is answered to whoever asks whether to send clients here. */
export interface Health {
  readonly status: 200 | 503;
  /** JSON, one line. */
  readonly body: string;
}

/**
 * 200 while every worker has a process that serves, a reload included; 503 before the service has started, while it
 * drains, and while a worker has none.
 */
export function healthText(status: ServiceStatus): Health {
  const { state, workers, processes, uptime } = status;
  const serving = processes.filter((one) => one.state === 'idle' || one.state === 'busy');
  const missing = workers.filter(
    ({ name, count }) => count > 0 && !serving.some(({ worker }) => worker === name),
  );
  const verdict = verdictOf(state, missing.length);
  const body = {
    status: verdict,
    workers: workers.length,
    processes: { wanted: workers.reduce((sum, { count }) => sum + count, 0), serving: serving.length },
    ...(missing.length > 0 ? { missing: missing.map(({ name }) => name) } : {}),
    connections: processes.reduce((sum, { report }) => sum + (report?.connections ?? 0), 0),
    uptime,
  };
  return { status: verdict === 'ok' ? 200 : 503, body: `${JSON.stringify(body)}\n` };
}

function verdictOf(
  state: ServiceStatus['state'],
  missing: number,
): 'ok' | 'starting' | 'draining' | 'failing' {
  if (state === 'stopping') return 'draining';
  if (state === 'starting') return 'starting';
  return missing > 0 ? 'failing' : 'ok';
}
