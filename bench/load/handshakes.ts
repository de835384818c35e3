import { LoadFailure } from './failure.ts';
import { Links, targetOf } from './links.ts';
import type { LoadOptions } from './options.ts';
import { observe, type Report } from './report.ts';

/** Connects (with TLS if asked), upgrades, closes with a close frame, and again, `connections` at the same time. */
export async function handshakes(options: LoadOptions): Promise<Report> {
  const links = new Links();
  const run = { opened: 0, isOver: false };
  for (let count = 0; count < options.connections; count++) lane(options, links, run);
  try {
    const report = await links.during(observe(options, { count: () => run.opened }));
    if (report.messages === 0) throw new LoadFailure('no handshake succeeded');
    run.isOver = true;
    const left = await links.close();
    if (left > 0) throw new LoadFailure(`the server did not end ${left} connections that were closed`);
    return report;
  } finally {
    run.isOver = true;
    await links.close();
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
