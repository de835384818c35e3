import { SystemError } from '../../errors.ts';
import { subscribe } from '../../telemetry.ts';
import { now, Timer } from '../../timer.ts';
import { type Exchange, HOLDER, type SampleQuestion } from '../exchange.ts';
import { writeFrame } from '../frames.ts';

const LOOK = 0.02;

export interface Meeting {
  /** As it is shown: where we look for somebody. */
  readonly cluster: string;
  readonly isLocal: boolean;
  readonly seconds: number;
}

/** Processes that hold clients, except this one. */
export function gatewaysOf({ bus }: Exchange): readonly string[] {
  return [...bus.members.values()].filter(({ roles }) => roles.includes(HOLDER)).map(({ id }) => id);
}

/**
 * Resolves when somebody is there who holds clients and signs their ids as we do.
 *
 * @throws {SystemError} nobody is, or the secretKey is another one.
 */
export async function meetGateway(exchange: Exchange, meeting: Meeting): Promise<void> {
  let forged = 0;
  const stop = subscribe('usta:bus:forged', () => forged++);
  const deadline = now() + meeting.seconds * 1000;
  try {
    while (gatewaysOf(exchange).length === 0) {
      if (now() > deadline) throw nobody(meeting, forged > 0);
      await Timer.sleep(LOOK);
    }
  } finally {
    stop();
  }
  await proveSecret(exchange, meeting);
}

/** Orders would arrive, and lead to no client. */
async function proveSecret(exchange: Exchange, meeting: Meeting): Promise<void> {
  const question: SampleQuestion = { ask: 'sample' };
  const [gateway = ''] = gatewaysOf(exchange);
  const [sample] = await exchange.ask([gateway], writeFrame(question));
  if (typeof sample === 'string' && !exchange.ids.read(sample)) throw otherSecret(meeting);
}

function nobody(meeting: Meeting, isForged: boolean): SystemError {
  if (isForged) return otherSecret(meeting);
  const { cluster, isLocal, seconds } = meeting;
  const same = isLocal ? 'the same cluster, as the same user' : 'the same cluster';
  const message = `nobody holds clients in cluster ${cluster} (waited ${seconds} s): is the server running, with ${same}?`;
  return new SystemError('E_PUSH_NOBODY', message);
}

function otherSecret({ cluster }: Meeting): SystemError {
  const message = `the processes in cluster ${cluster} have another secretKey: give the one of the server`;
  return new SystemError('E_PUSH_SECRET', message);
}
