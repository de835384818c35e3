import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Program, startProgram } from '../../../src/programs.ts';
import { freePort } from '../services.ts';

const START_MS = 5000;
/** A server that sets one header inherits none. */
const OURS = "proxy_set_header Connection ''; proxy_set_header X-Request-Id $request_id;";

/** One request, as nginx has counted it when it was over. */
export interface Counted {
  /** Of the client, by which its stream is known. */
  readonly address: string;
  /** That it came to: `careful` or `careless`. */
  readonly port: number;
  /** nginx's own, different for each request, and sent on as X-Request-Id. */
  readonly id: string;
  readonly status: number;
  /** Status of the worker's answer; empty when nginx did not ask it, `-` when it has not waited for the answer. */
  readonly upstream: string;
  /** The id that the worker's answer names. */
  readonly served: string;
}

/** Debian's nginx before one worker, with kept connections to it. */
export class Nginx {
  /** Where request bodies are collected before they are sent on, with nginx's own strictness. */
  readonly careful: number;
  /** Where they are sent on as they come, with all that nginx can be made to let through. */
  readonly careless: number;
  readonly #folder: string;
  readonly #program: Program;

  /** @param worker its port. */
  static async start(worker: number): Promise<Nginx> {
    const folder = mkdtempSync(join(tmpdir(), 'usta-nginx-'));
    const [careful, careless] = [await freePort(), await freePort()];
    writeFileSync(join(folder, 'nginx.conf'), configuration({ folder, worker, careful, careless }));
    const words = ['-p', folder, '-c', join(folder, 'nginx.conf'), '-e', 'stderr'];
    const program = await startProgram('nginx', words, { timeout: 120, directory: folder });
    const nginx = new Nginx(folder, program, [careful, careless]);
    try {
      await nginx.#until(() => /start worker process \d/.test(program.errors), 'start');
    } catch (error) {
      await nginx.stop();
      throw error;
    }
    return nginx;
  }

  private constructor(folder: string, program: Program, [careful, careless]: readonly [number, number]) {
    this.#folder = folder;
    this.#program = program;
    this.careful = careful;
    this.careless = careless;
  }

  /** Ends it, so that its log is whole. @returns what it has counted. */
  async count(): Promise<Counted[]> {
    this.#program.signal('SIGQUIT');
    await this.#program.ended;
    const lines = readFileSync(join(this.#folder, 'count'), 'latin1').trimEnd().split('\n');
    return lines.map((line) => JSON.parse(line) as Counted);
  }

  async stop(): Promise<void> {
    this.#program.signal('SIGTERM');
    await this.#program.ended;
    rmSync(this.#folder, { recursive: true });
  }

  async #until(reached: () => boolean, what: string): Promise<void> {
    for (const deadline = Date.now() + START_MS; !reached(); await sleep(20)) {
      if (Date.now() > deadline) throw new Error(`nginx does not ${what}: ${this.#program.errors}`);
    }
  }
}

interface Place {
  readonly folder: string;
  readonly worker: number;
  readonly careful: number;
  readonly careless: number;
}

function configuration({ folder, worker, careful, careless }: Place): string {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  return `
daemon off;
${process.getuid?.() === 0 ? 'user root;' : ''}
worker_processes 1;
pid "${folder}/pid";
error_log stderr notice;
events { worker_connections 512; }
http {
  ${temporary.map((name) => `${name}_temp_path "${folder}/${name}";`).join('\n  ')}
  log_format count escape=json '{"address":"$remote_addr","port":$server_port,"id":"$request_id","status":$status,'
    '"upstream":"$upstream_status","served":"$upstream_http_x_served"}';
  access_log "${folder}/count" count;
  map $http_host $sent_host { '' localhost; default $http_host; }
  upstream worker { server 127.0.0.1:${worker}; keepalive 32; }
  keepalive_requests 1000;
  client_max_body_size 20m;
  lingering_timeout 100ms;
  # A client that has ended its side still wants its answers.
  proxy_ignore_client_abort on;
  proxy_next_upstream off;
  proxy_http_version 1.1;
  server {
    listen 127.0.0.1:${careful};
    server_name localhost;
    ${OURS}
    proxy_set_header Host $host;
    location / { proxy_pass http://worker; }
  }
  server {
    listen 127.0.0.1:${careless};
    server_name localhost;
    ignore_invalid_headers off;
    underscores_in_headers on;
    merge_slashes off;
    ${OURS}
    proxy_set_header Host $sent_host;
    proxy_request_buffering off;
    location / { proxy_pass http://worker; }
  }
}
`;
}
