import { clientTally, openClients } from './client/open-clients.ts';
import { premises } from './premises.ts';
import { allWorkers } from './worker.ts';

/** What this process has done since it began, all workers and clients together; all but the first only grow. */
export interface Statistics {
  /** Open now, both ways, those still negotiating TLS included. */
  readonly connections: number;
  /** Messages and requests that have come. */
  readonly messagesReceived: number;
  /** Messages and answers that `send` has accepted. */
  readonly messagesSent: number;
  /** Messages that `send` has refused. */
  readonly sendFailures: number;
  /** Callbacks that have thrown or rejected. */
  readonly handlerFailures: number;
}

export function statistics(): Statistics {
  const tallies = [...allWorkers().map(({ tally }) => tally), clientTally];
  const sum = (name: Exclude<keyof Statistics, 'connections'>): number =>
    tallies.reduce((total, tally) => total + tally[name], 0);
  return {
    connections: premises.connections + openClients().size,
    messagesReceived: sum('messagesReceived'),
    messagesSent: sum('messagesSent'),
    sendFailures: sum('sendFailures'),
    handlerFailures: sum('handlerFailures'),
  };
}
