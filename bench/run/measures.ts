import type { Report } from '../load/report.ts';

/** The number that a row is about. Less is better in all of them. */
export interface Measure {
  readonly unit: string;
  value(report: Report): number | null;
  show(value: number): string;
  /** CPU time says little about a server that had to wait for its generator; the table marks that. */
  readonly isCpuTime: boolean;
  /** What a connection adds to the memory shows only in a server that has held none before. */
  readonly needsFreshServer: boolean;
}

/** At least `ratio` times as good as `ws`; or no more than `most` of the unit. */
export type Floor = { readonly ratio: number } | { readonly most: number };

export const PER_MESSAGE: Measure = cpuTime('µs/message');
export const PER_REQUEST: Measure = cpuTime('µs/request');
export const PER_CONNECT: Measure = {
  ...cpuTime('µs/connect'),
  show: (value) => `${figure(value)} → ${Math.round(1e6 / value)}/s`,
};

export const MEMORY: Measure = {
  unit: 'KiB',
  value: (report) => report.memory?.kibPerConnection ?? null,
  show: figure,
  isCpuTime: false,
  needsFreshServer: true,
};

export const LATENCY_P50: Measure = latency('p50');
export const LATENCY_P99: Measure = latency('p99');

/** Three significant digits, as a table needs them. */
export function figure(value: number): string {
  const digits = Math.max(0, 2 - Math.floor(Math.log10(Math.max(Math.abs(value), 0.001))));
  return value.toFixed(digits);
}

function cpuTime(unit: string): Measure {
  return {
    unit,
    value: (report) => report.serverMicroseconds,
    show: figure,
    isCpuTime: true,
    needsFreshServer: false,
  };
}

function latency(quantile: 'p50' | 'p99'): Measure {
  return {
    unit: 'ms',
    value: (report) => report.latency?.[quantile] ?? null,
    show: figure,
    isCpuTime: false,
    needsFreshServer: false,
  };
}
