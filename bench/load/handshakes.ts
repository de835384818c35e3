import { LoadFailure } from './failure.ts';
import { Links, targetOf } from './links.ts';
import type { LoadOptions } from './options.ts';
import { observe, type Report } from './report.ts';

/** Connects (with TLS if asked), upgrades, closes with a close frame, and again, `connections` at the same time. */
export async function handshakes(options: LoadOptions): Promise<Report> {
  const links = new Links();
  const run = { opened: 0, isOver: false };
  const lanes = Array.from({ length: options.connections }, () => lane(options, links, run));
  try {
    const report = await links.during(observe(options, { count: () => run.opened }));
    if (report.messages === 0) throw new LoadFailure('no handshake succeeded');
    return report;
  } finally {
    run.isOver = true;
    await Promise.race([Promise.all(lanes), links.failure]).catch(() => undefined);
  }
}

async function lane(
  options: LoadOptions,
  links: Links,
  run: { opened: number; isOver: boolean },
): Promise<void> {
  const target = targetOf(options);
  while (!run.isOver) {
    const link = await links.one(target, { opened: () => undefined, received: () => undefined });
    run.opened += 1;
    link.close();
    await link.closed;
  }
}
