import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { descriptorAdvice } from '../../../src/master/launch/descriptors.ts';
import { BaseWorker } from '../../../src/worker/worker.ts';

describe('descriptorAdvice', () => {
  it('says nothing when there are enough, a tenth left for everything else', () => {
    assert.equal(descriptorAdvice([new BaseWorker()], 1024), undefined);
    assert.equal(descriptorAdvice([new BaseWorker(undefined, { maxConnections: 921 })], 1024), undefined);
  });

  it('says how many are needed, and how to get them', () => {
    const workers = [new BaseWorker(), new BaseWorker(undefined, { maxConnections: 9_000 })];
    assert.equal(
      descriptorAdvice(workers, 1024),
      'maxConnections is 9000, but a process may open only 1024 descriptors: ulimit -n 10001 as root before the start, or LimitNOFILE=10001 in the systemd unit',
    );
    assert.equal(descriptorAdvice(workers, 10_001), undefined);
  });

  it('names the limit of the kernel where that is too low as well', () => {
    assert.match(
      descriptorAdvice([new BaseWorker(undefined, { maxConnections: 2_000_000 })], 1_048_576) ?? '',
      /sysctl fs\.nr_open=2222224/,
    );
  });
});
