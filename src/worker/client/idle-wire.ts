import { ByteWriter } from '../../bytes/byte-writer.ts';
import type { Address } from '../../transport/address.ts';
import type { Sink, Wire } from '../../transport/engine.ts';

const NOWHERE: Address = { kind: 'ip', host: '', port: 0 };

/** What a client has before it connects: takes nothing and reports nothing. */
export function idleWire(remote: Address): Wire {
  return {
    sink: undefined as unknown as Sink,
    out: new ByteWriter(0),
    bufferedBytes: 0,
    secure: false,
    remote,
    local: NOWHERE,
    commit() {},
    share() {},
    discard: () => true,
    pause() {},
    resume() {},
    end() {},
    destroy() {},
  };
}
