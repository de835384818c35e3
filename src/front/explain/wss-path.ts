/** Words that name a place for WebSockets. */
const WORDS =
  /(?:^|[^a-z0-9])(?:wss?\d*|web-?sockets?|sockets?|socket\.?io|sockjs|engine\.io|(?:action-?)?cable|signalr|realtime)(?:$|[^a-z0-9])/i;

/** Libraries that put more behind their path, so that a prefix is meant. */
const WITH_MORE = /socket\.?io|sockjs|engine\.io|signalr|^\/app$/i;

/** @returns whether this path, or pattern of paths, is most likely one of WebSockets. */
export function looksLikeWss(path: string): boolean {
  return WORDS.test(path.slice(0, 200).replaceAll('\\.', '.'));
}

/** @returns whether a library owns the path and all below it. */
export function ownsMore(path: string): boolean {
  return WITH_MORE.test(path.slice(0, 200));
}
