import { talk } from './frames.ts';
import type { Link } from './link.ts';
import { Links, type Speech, targetOf } from './links.ts';
import type { LoadOptions } from './options.ts';
import { ReplyStream } from './reply-stream.ts';
import { observe, type Report } from './report.ts';
import { residentKib } from './server-usage.ts';

/** Opens all connections and says nothing but pongs: what does one cost in memory? */
export async function idle(options: LoadOptions): Promise<Report> {
  const links = new Links();
  const emptyKib = residentKib(options.pids) ?? null;
  try {
    const opening = await links.open(targetOf(options), options.connections, () => quiet(options));
    const report = await links.during(observe(options, { count: () => 0 }));
    const fullKib = residentKib(options.pids) ?? null;
    const known = emptyKib !== null && fullKib !== null;
    const kibPerConnection = known ? (fullKib - emptyKib) / options.connections : null;
    return { ...report, opening, memory: { emptyKib, fullKib, kibPerConnection } };
  } finally {
    await links.close();
  }
}

function quiet(options: LoadOptions): Speech {
  let link: Link | undefined;
  const expected = new ReplyStream(nothing(options), 0, (frame) => link?.send(frame));
  return {
    opened: (opened) => {
      link = opened;
    },
    received: (bytes, length) => void expected.accept(bytes, length),
  };
}

let shared: ReturnType<typeof talk> | undefined;

/** Only control frames can come; any message would differ from this one. */
function nothing(options: LoadOptions): ReturnType<typeof talk> {
  shared ??= talk(options);
  return shared;
}
