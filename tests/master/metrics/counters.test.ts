import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { countersOf } from '../../../src/master/metrics/counters.ts';
import { processOf, service, silent } from '../service-statuses.ts';

describe('countersOf', () => {
  it('adds the processes of a worker, and keeps workers apart', () => {
    const handshakes = { full: 2, resumed: 1, failed: { name: 1 } };
    const counters = countersOf(
      service({
        processes: [
          processOf('chat', 0, { accepted: 3, refused: 1, sendFailures: 1, handlerFailures: 2, handshakes }),
          processOf('chat', 1, {
            accepted: 4,
            messagesSent: 9,
            bytesRead: 10,
            bytesWritten: 20,
            closes: { fin: 3 },
            bus: { members: 2, clients: 1, sent: 5, received: 7, lost: { gap: 2 } },
          }),
          silent('chat', 2, 'busy', 9),
          processOf('api', 0, { accepted: 5 }),
        ],
      }),
    );
    assert.deepEqual([...counters.keys()], ['chat', 'api']);
    assert.deepEqual(counters.get('chat'), {
      totals: {
        ...{
          accepted: 7,
          refused: 1,
          messagesReceived: 0,
          messagesSent: 9,
          sendFailures: 1,
          invalidMessages: 0,
        },
        ...{ bytesRead: 10, bytesWritten: 20, handlerFailures: 2, handshakesFull: 2, handshakesResumed: 1 },
        ...{ busSent: 5, busReceived: 7 },
      },
      handshakesFailed: { name: 1 },
      closes: { fin: 3 },
      busLost: { gap: 2 },
    });
    assert.equal(counters.get('api')?.totals.accepted, 5);
  });
});
