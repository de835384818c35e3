/** What a process that watches a queue is there for: told to the others with its name, and again after each outage. */
export function watchRole(queue: string, concurrency: number): string {
  return `watch:${concurrency}:${queue}`;
}

/** @returns how many jobs of each queue it does at a time. */
export function watchedBy(roles: readonly string[]): Map<string, number> {
  const queues = new Map<string, number>();
  for (const role of roles) {
    const [, concurrency, queue] = /^watch:(\d+):(.+)$/s.exec(role) ?? [];
    if (queue !== undefined) queues.set(queue, Number(concurrency));
  }
  return queues;
}
