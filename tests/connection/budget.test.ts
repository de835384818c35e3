import assert from 'node:assert/strict';
import { totalmem } from 'node:os';
import { describe, it } from 'node:test';
import { Budget, defaultBudget, type Holder } from '../../src/connection/budget.ts';

/** Holds what it is told, and gives back a part of it when it is asked first, the rest when asked again. */
class Tenant implements Holder {
  heldBytes = 0;
  leaving = false;
  aliveAt = 0;
  shedTimes = 0;
  readonly #budget: Budget;
  readonly #stuck: number;

  /** @param stuck bytes that it cannot give back at once. */
  constructor(budget: Budget, stuck = 0) {
    this.#budget = budget;
    this.#stuck = stuck;
  }

  hold(bytes: number): void {
    this.heldBytes += bytes;
    this.#budget.change(bytes);
  }

  shed(): void {
    this.shedTimes++;
    const rest = this.leaving ? 0 : Math.min(this.#stuck, this.heldBytes);
    const given = this.heldBytes - rest;
    this.leaving = true;
    this.heldBytes = rest;
    this.#budget.change(-given);
  }
}

function house(limit: number, stuck: readonly number[]): { budget: Budget; tenants: Tenant[] } {
  const budget = new Budget(limit);
  const tenants = stuck.map((bytes) => new Tenant(budget, bytes));
  budget.join(() => tenants);
  return { budget, tenants };
}

function shed(tenants: readonly Tenant[]): number[] {
  return tenants.map((tenant) => tenant.shedTimes);
}

describe('Budget', () => {
  it('leaves everybody alone up to the limit', () => {
    const { budget, tenants } = house(100, [0, 0]);
    tenants[0]?.hold(60);
    tenants[1]?.hold(40);
    assert.deepEqual(shed(tenants), [0, 0]);
    assert.equal(budget.held, 100);
  });

  it('over the limit the largest goes, and only as many as it takes to get to nine tenths', () => {
    const { budget, tenants } = house(100, [0, 0, 0, 0]);
    for (const [index, bytes] of [20, 40, 30, 11].entries()) tenants[index]?.hold(bytes);
    assert.deepEqual(shed(tenants), [0, 1, 0, 0]);
    assert.equal(budget.held, 61);
  });

  it('what the largest cannot give back at once does not cost others their place', () => {
    const { budget, tenants } = house(100, [50, 0, 0]);
    tenants[1]?.hold(20);
    tenants[2]?.hold(20);
    tenants[0]?.hold(70);
    assert.deepEqual(shed(tenants), [1, 0, 0]);
    assert.equal(budget.held, 90);
  });

  it('of those that hold as much, the quietest goes', () => {
    const { budget, tenants } = house(100, [0, 0, 0]);
    for (const [index, tenant] of tenants.entries()) tenant.aliveAt = [2, 1, 3][index] ?? 0;
    for (const tenant of tenants) tenant.hold(34);
    assert.deepEqual(shed(tenants), [0, 1, 0]);
    assert.equal(budget.held, 68);
  });

  it('who is leaving and still holds something is asked again before anyone else is', () => {
    const { budget, tenants } = house(100, [10, 0, 0]);
    tenants[0]?.hold(70);
    tenants[1]?.hold(40);
    assert.deepEqual(shed(tenants), [1, 0, 0]);
    tenants[2]?.hold(51);
    assert.deepEqual(shed(tenants), [2, 0, 1]);
    assert.equal(budget.held, 40);
  });

  it('asks the holders of all households, and not of those that have left', () => {
    const budget = new Budget(100);
    const [here, gone] = [new Tenant(budget), new Tenant(budget)];
    budget.join(() => [here]);
    const leave = budget.join(() => [gone]);
    leave();
    gone.hold(60);
    here.hold(50);
    assert.deepEqual(shed([here, gone]), [1, 0]);
  });

  it('does not mind when a limit is set lower: the next byte makes the change', () => {
    const { budget, tenants } = house(100, [0, 0]);
    tenants[0]?.hold(80);
    budget.limit = 50;
    assert.deepEqual(shed(tenants), [0, 0]);
    tenants[1]?.hold(1);
    assert.deepEqual(shed(tenants), [1, 0]);
  });

  it('is a quarter of memory, or of the container’s, shared by the processes', () => {
    const whole = defaultBudget(1);
    assert.ok(whole > 0 && whole <= totalmem() / 4);
    assert.equal(defaultBudget(4), Math.floor(whole / 4));
    assert.equal(defaultBudget(0), whole);
  });
});
