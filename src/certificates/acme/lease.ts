import { randomUUID } from 'node:crypto';
import { readdir, unlink } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { SystemError } from '../../errors.ts';
import { createFile, readIfThere, replaceFile } from '../private-store.ts';
import type { Clock } from './clock.ts';

/** Without a sign of life for so long the holder is taken for dead, in milliseconds. */
export const LEASE_MS = 120_000;

/**
 * The right to renew one certificate, held by one process at a time: a file with an end. Who crashes loses
 * it after {@link LEASE_MS}; no process id is asked, so it holds between containers too.
 *
 * A lease that ended is not replaced but followed by the next number, created exclusively, and the highest number
 * counts: so no two can take over from the same dead holder, however they are interrupted.
 */
export class Lease {
  readonly #path: string;
  readonly #clock: Clock;
  readonly #holder = randomUUID();
  #number = 0;
  #extended = 0;

  /** @param path of its files, without the number. */
  constructor(path: string, clock: Clock) {
    this.#path = path;
    this.#clock = clock;
  }

  /** @returns false while another holds it. */
  async acquire(): Promise<boolean> {
    const last = Math.max(0, ...(await this.#numbers()));
    const found = await readIfThere(this.#file(last));
    if (found !== undefined && this.#isAlive(found)) return false;
    const number = last + 1;
    if (!(await createFile(this.#file(number), this.#text(), 0o600))) return false;
    const others = (await this.#numbers()).filter((one) => one !== number);
    if (others.some((one) => one > number)) {
      await this.#remove(number);
      return false;
    }
    this.#number = number;
    await Promise.all(others.map((one) => this.#remove(one)));
    return true;
  }

  /**
   * A sign of life, to be given more often than every {@link LEASE_MS}.
   *
   * @throws {SystemError} when it was lost meanwhile, as after a long sleep of the machine.
   */
  async extend(): Promise<void> {
    if (this.#clock.now() - this.#extended < LEASE_MS / 4) return;
    if (!(await this.#isOurs())) {
      throw new SystemError('E_ACME_LEASE', `${this.#path} was taken by another process meanwhile`);
    }
    await replaceFile(this.#file(this.#number), this.#text(), 0o600);
  }

  async release(): Promise<void> {
    if (await this.#isOurs()) await replaceFile(this.#file(this.#number), `${this.#holder} 0\n`, 0o600);
    this.#number = 0;
  }

  async #isOurs(): Promise<boolean> {
    const text = this.#number > 0 ? await readIfThere(this.#file(this.#number)) : undefined;
    return text?.startsWith(this.#holder) ?? false;
  }

  #text(): string {
    this.#extended = this.#clock.now();
    return `${this.#holder} ${this.#extended + LEASE_MS}\n`;
  }

  /** An end too far off was written by a clock that was wrong. */
  #isAlive(text: string): boolean {
    const left = Number(text.split(' ')[1]) - this.#clock.now();
    return left > 0 && left <= 2 * LEASE_MS;
  }

  async #numbers(): Promise<number[]> {
    const start = `${basename(this.#path)}-`;
    const names = (await readdir(dirname(this.#path))).filter((name) => name.startsWith(start));
    return names
      .map((name) => Number(name.slice(start.length)))
      .filter((number) => Number.isSafeInteger(number));
  }

  #file(number: number): string {
    return `${this.#path}-${number}`;
  }

  async #remove(number: number): Promise<void> {
    await unlink(this.#file(number)).catch(() => undefined);
  }
}
