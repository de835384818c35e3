import type { Examination } from './examination.ts';
import { isLoopbackHost, isPrivateHost } from './target.ts';

/** What the URL alone tells for the client that is meant, before anything is connected. */
export function examineIntention(examination: Examination): void {
  const { target, options } = examination;
  if (options.client === 'wechat') examineForWechat(examination);
  if (target.scheme !== 'ws' || isLoopbackHost(target.host)) return;
  const { page } = options;
  if (page !== undefined && /^https:/i.test(page)) {
    examination.find('mixed-content', { page, host: target.host });
  } else if (options.client === undefined && !isPrivateHost(target.host)) {
    examination.find('plain-websocket');
  }
}

/** Their socket domains: names with wss, a certificate of a public authority, no port but 443. */
function examineForWechat(examination: Examination): void {
  const { scheme, host, port, isAddress, secure } = examination.target;
  if (!secure) examination.find('wechat-plain', { scheme, host });
  if (isAddress) examination.find('wechat-address', { host });
  if (secure && port !== 443) examination.find('wechat-port', { port });
}
