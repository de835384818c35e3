import { runProgram } from '../../programs.ts';
import { readStart } from './bounded-file.ts';
import { type ListeningSocket, type Owner, readLsof, readSocketTable, readSs } from './listeners.ts';
import { findOwners } from './owners.ts';

/** What listens on this machine, read once for all steps. */
export class Census {
  readonly sockets: readonly ListeningSocket[];
  readonly #owners: ReadonlyMap<number, readonly Owner[]>;

  private constructor(sockets: readonly ListeningSocket[], owners: ReadonlyMap<number, readonly Owner[]>) {
    this.sockets = sockets;
    this.#owners = owners;
  }

  /** From /proc, or where there is none from lsof or ss. */
  static async take(): Promise<Census> {
    const tables = ['/proc/net/tcp', '/proc/net/tcp6'].map((path) => readStart(path, 8_388_608));
    if (tables.every((table) => table === undefined)) return new Census(await fromPrograms(), new Map());
    const sockets = tables.flatMap((table) => readSocketTable(table ?? ''));
    return new Census(sockets, findOwners(new Set(sockets.map(({ inode = 0 }) => inode))));
  }

  on(port: number): ListeningSocket[] {
    return this.sockets.filter((socket) => socket.port === port);
  }

  /** The processes that hold a socket, the oldest first; none where this user may not see them. */
  ownersOf({ inode, owner }: ListeningSocket): readonly Owner[] {
    return owner ? [owner] : (this.#owners.get(inode ?? 0) ?? []);
  }
}

async function fromPrograms(): Promise<ListeningSocket[]> {
  const lsof = await said('lsof', ['-nP', '-iTCP', '-sTCP:LISTEN', '-F', 'pcLtn']);
  return lsof === undefined ? readSs((await said('ss', ['-ltnpH'])) ?? '') : readLsof(lsof);
}

async function said(program: string, words: readonly string[]): Promise<string | undefined> {
  try {
    return (await runProgram(program, words, { timeout: 2 })).output;
  } catch {
    return undefined;
  }
}
