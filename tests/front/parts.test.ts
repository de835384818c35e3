import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { heading, identifier, publicHost, TLS_1_2_SUITES, TLS_1_3_SUITES } from '../../src/front/parts.ts';
import { type PlanOptions, planProxy } from '../../src/front/plan.ts';

const plan = (options: Partial<PlanOptions> = {}) => planProxy('nginx', { domain: 'domain.com', ...options });
const said = (options: Partial<PlanOptions>) => heading(plan(options), []).join('\n');

describe('heading', () => {
  it('shows the worker that belongs to the configuration, with what it has to believe', () => {
    assert.ok(
      said({ path: '/wss' }).includes(
        "new Worker('websocket://127.0.0.1:8282', { path: '/wss', trustProxy: { from: ['127.0.0.1'], header: 'x-forwarded-for' } });",
      ),
    );
    assert.ok(said({ proxyProtocol: true }).includes("{ proxyProtocol: ['127.0.0.1'] }"));
  });

  it('knows where a worker on this machine sees the proxy come from', () => {
    assert.ok(said({ upstreams: ['[::1]:8282'] }).includes("from: ['::1']"));
    assert.ok(said({ upstreams: ['localhost:8282'] }).includes("from: ['127.0.0.1']"));
  });

  it('says what has to be filled in for a worker elsewhere', () => {
    assert.match(
      said({ upstreams: ['10.0.0.7:8282'] }),
      /from: the address that this machine has towards the worker\./,
    );
    assert.doesNotMatch(said({}), /from: the address/);
  });
});

describe('names', () => {
  it('are made of letters, digits and _', () => {
    assert.equal(identifier(plan({ path: '/v1.0/ws' })), 'usta_domain_com_v1_0_ws');
    assert.equal(identifier(plan()), 'usta_domain_com');
  });

  it('have the port where it is not the usual one', () => {
    assert.deepEqual(
      [publicHost(plan()), publicHost(plan({ port: 8443 }))],
      ['domain.com', 'domain.com:8443'],
    );
  });
});

describe('suites', () => {
  it('are those of the worker, parted by version', () => {
    assert.equal(TLS_1_2_SUITES.length, 6);
    assert.equal(TLS_1_3_SUITES.length, 3);
  });
});
