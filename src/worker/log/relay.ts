import { subscribe } from '../../telemetry.ts';
import type { LogDetails } from './entry.ts';
import { RateLimit } from './rate-limit.ts';
import { SENTENCES, type Told } from './sentences.ts';

/** At most this many lines of one kind in a second; the rest are counted. */
const RATE = 10;
/** Texts that are remembered, so as not to be told again. */
const MOST_REMEMBERED = 1000;

type Tell = (text: string, details: LogDetails) => void;

/** Tells the events of all channels, as many as people can read. @returns how to stop. */
export function relayTelemetry(tell: Tell): () => void {
  const ends = (Object.keys(SENTENCES) as Told[]).map((name) => relay(name, tell));
  return () => {
    for (const end of ends) end();
  };
}

function relay<Name extends Told>(name: Name, tell: Tell): () => void {
  const limits = new Map<string, RateLimit>();
  const told = new Set<string>();
  const limitOf = (kind: string, details: LogDetails): RateLimit => {
    const limit =
      limits.get(kind) ?? new RateLimit(RATE, (surplus) => tell(...surplusOf(surplus, kind, details)));
    limits.set(kind, limit);
    return limit;
  };
  return subscribe(name, (event) => {
    const { text, kind = '', once = false, ...rest } = SENTENCES[name](event);
    if (once && told.has(text)) return;
    if (once && told.size < MOST_REMEMBERED) told.add(text);
    const details = { ...rest, event: name };
    if (limitOf(kind, details).admits()) tell(text, details);
  });
}

function surplusOf(surplus: number, kind: string, { event = '', level }: LogDetails): [string, LogDetails] {
  const what = kind === '' ? event : `${event} (${kind})`;
  const text = `${surplus} more of that kind within a second: ${what}`;
  return [
    text,
    { event, ...(level ? { level } : {}), fields: { ...(kind === '' ? {} : { kind }), surplus } },
  ];
}
