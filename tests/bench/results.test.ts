import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Report } from '../../bench/load/report.ts';
import { PER_MESSAGE } from '../../bench/run/measures.ts';
import { cellOf, judge, median, type Outcome, type ScenarioResult } from '../../bench/run/results.ts';
import type { Scenario } from '../../bench/run/scenarios.ts';

const ROW = { title: 'echo', measure: PER_MESSAGE };
const SCENARIO: Scenario = { name: 'echo', load: { mode: 'echo' }, rows: [ROW] };

function report(serverMicroseconds: number | null, serverShare = 1): Report {
  const rest = { mode: 'echo', seconds: 1, messages: 1, perSecond: 1, generatorShare: 0.5 } as const;
  return { ...rest, serverMicroseconds, serverShare };
}

function result(ours: readonly Outcome[], ws: readonly Outcome[]): ScenarioResult {
  return { scenario: SCENARIO, outcomes: new Map([['ours', ours] as const, ['ws', ws] as const]) };
}

describe('results of a bench', () => {
  it('takes the middle of an odd number of values, and the mean of two', () => {
    assert.equal(median([9, 1, 5]), 5);
    assert.equal(median([4, 1, 3, 2]), 2.5);
    assert.equal(median([7]), 7);
    assert.ok(Number.isNaN(median([])));
  });

  it('compares rounds with their neighbours: a drift of the machine changes no ratio', () => {
    const ours = [1, 10, 2].map((value) => report(value));
    const ws = [2, 20, 4].map((value) => report(value));
    const cell = cellOf(result(ours, ws), ROW, 'ours');
    assert.deepEqual([cell.value, cell.ratio], [2, 2]);
    assert.equal(cellOf(result(ours, ws), ROW, 'ws').ratio, 1);
  });

  it('takes the median of the ratios, not the ratio of the medians', () => {
    const ours = [1, 2, 9].map((value) => report(value));
    const ws = [8, 4, 9].map((value) => report(value));
    assert.equal(cellOf(result(ours, ws), ROW, 'ours').ratio, 2);
  });

  it('lets one failed round spoil the cell, and a missing reading too', () => {
    const failed = cellOf(result([report(1), { failure: 'gone' }], [report(2), report(2)]), ROW, 'ours');
    assert.deepEqual(failed, { failure: 'gone' });
    assert.match(cellOf(result([report(null)], [report(2)]), ROW, 'ours').failure ?? '', /not measurable/);
  });

  it('has no ratio without ws', () => {
    assert.equal(cellOf(result([report(1)], []), ROW, 'ours').ratio, undefined);
    assert.equal(cellOf(result([report(1)], [{ failure: 'gone' }]), ROW, 'ours').ratio, undefined);
  });

  it('judges a floor by ratio or by size; without a number it is missed', () => {
    assert.equal(judge({ ratio: 1.25 }, { ratio: 1.25 }), 'kept');
    assert.equal(judge({ ratio: 1.24 }, { ratio: 1.25 }), 'missed');
    assert.equal(judge({ value: 7.5 }, { most: 7.5 }), 'kept');
    assert.equal(judge({ value: 7.6, ratio: 9 }, { most: 7.5 }), 'missed');
    assert.equal(judge({ failure: 'gone' }, { most: 7.5 }), 'missed');
    assert.equal(judge({ failure: 'gone' }, { ratio: 1 }), 'missed');
    assert.equal(judge({ ratio: 0.1 }, undefined), undefined);
  });
});
