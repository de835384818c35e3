import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Wire } from '../../src/transport/engine.ts';
import { Census } from '../../src/worker/census.ts';

const wire = (): Wire => ({}) as Wire;

describe('census', () => {
  it('counts each wire once, and forgets it when it leaves', () => {
    const census = new Census(2);
    const [one, two, three] = [wire(), wire(), wire()];
    assert.ok(census.add(one, 'a'));
    assert.ok(census.add(one, 'a'));
    assert.ok(census.add(two, 'a'));
    assert.ok(!census.add(three, 'a'));
    assert.ok(census.add(three, 'b'));
    census.delete(one);
    assert.ok(census.add(wire(), 'a'));
  });

  it('moves a wire that brings requests of another client', () => {
    const census = new Census(1);
    const shared = wire();
    assert.ok(census.add(shared, 'a'));
    assert.ok(census.add(shared, 'b'));
    assert.ok(census.add(wire(), 'a'));
    assert.ok(!census.add(wire(), 'b'));
  });

  it('who was one too many is not counted', () => {
    const census = new Census(1);
    const [first, surplus] = [wire(), wire()];
    assert.ok(census.add(first, 'a'));
    assert.ok(!census.add(surplus, 'a'));
    census.delete(surplus);
    assert.ok(!census.add(wire(), 'a'));
  });
});
