import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { connectionsScreen } from '../../../src/master/screens/connections-screen.ts';
import { displayWidth } from '../../../src/master/screens/display-width.ts';
import { plain } from '../../../src/master/screens/paint.ts';
import { connectionOf } from '../service-statuses.ts';
import { golden } from './golden.ts';

const LIST = [
  connectionOf(),
  connectionOf({
    ...{ id: 123_456, worker: '聊天', ipVersion: 6, sendQueue: 70_000, bytesWritten: 5e9, status: 'closing' },
    ...{ local: '[::1]:8290', remote: '[2001:db8:85a3::8a2e:370:7334]:51234' },
  }),
  connectionOf({
    id: 7,
    transport: 'unix',
    protocol: 'tcp',
    ipVersion: 0,
    local: '/run/chat.sock',
    remote: '',
  }),
];

describe('connectionsScreen', () => {
  it("has Workerman's columns in their order", () => {
    const [, titles = ''] = connectionsScreen(LIST, { width: Infinity, paint: plain });
    assert.deepEqual(
      titles.split(/ {2,}/).flatMap((title) => title.trim()),
      [
        ...[
          'PID',
          'Worker',
          'CID',
          'Trans',
          'Protocol',
          'ipv4',
          'ipv6',
          'Recv-Q',
          'Send-Q',
          'Bytes-R',
          'Bytes-W',
        ],
        ...['Status', 'Local Address', 'Foreign Address'],
      ],
    );
  });

  for (const width of [80, 120, 160]) {
    it(`looks as it is to look at ${width} columns`, () => {
      assert.deepEqual(connectionsScreen(LIST, { width, paint: plain }), golden(`connections-${width}`));
    });
  }

  it('is never wider than the terminal', () => {
    for (let width = 20; width <= 160; width++) {
      for (const line of connectionsScreen(LIST, { width, paint: plain })) {
        assert.ok(displayWidth(line) <= width, `${width}: ${line}`);
      }
    }
  });

  it('says so when there are none', () => {
    assert.equal(connectionsScreen([], { width: 120, paint: plain }).at(-1), '0 connections');
  });

  it('draws 20,000 connections in less than three seconds', () => {
    const many = Array.from({ length: 20_000 }, (_, id) => connectionOf({ id }));
    const start = performance.now();
    assert.equal(connectionsScreen(many, { width: 80, paint: plain }).length, 20_004);
    assert.ok(performance.now() - start < 3000, `${performance.now() - start} ms`);
  });
});
