import { configurationFor } from '../../src/front/configuration.ts';
import { type PlanOptions, planProxy } from '../../src/front/plan.ts';

/** What is printed for domain.com/wss. */
export function printed(proxy: string, options: Partial<PlanOptions> = {}): string {
  return configurationFor(planProxy(proxy, { domain: 'domain.com', path: '/wss', ...options }));
}

/** The same without its comments and empty lines. */
export function effective(text: string): string[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));
}
