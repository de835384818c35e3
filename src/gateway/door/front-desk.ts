import { SystemError, UsageError } from '../../errors.ts';
import type { Request } from '../../protocol/http/request.ts';
import { Response } from '../../protocol/http/response.ts';
import { publish } from '../../telemetry.ts';
import type { Verbs } from '../verbs.ts';
import { readFields } from './fields.ts';
import type { Guard } from './guard.ts';
import { ORDERS } from './orders.ts';
import { QUESTIONS, readQuery } from './questions.ts';
import { Refusal } from './refusal.ts';

/** Answers requests at the door: JSON, errors too. */
export class FrontDesk {
  readonly #verbs: Verbs;
  readonly #guard: Guard;

  constructor(verbs: Verbs, guard: Guard) {
    this.#verbs = verbs;
    this.#guard = guard;
  }

  async answer(request: Request): Promise<Response> {
    try {
      this.#guard.prove(request);
      return await this.#obey(request);
    } catch (error) {
      const { status, message, headers } = refusalOf(error);
      return json(status, { error: message }, headers);
    }
  }

  async #obey({ method, path, query, body }: Request): Promise<Response> {
    const order = ORDERS[path];
    const question = QUESTIONS[path];
    if (order) {
      proveMethod(method, 'POST');
      order.act(this.#verbs, readFields(body, order.fields));
      return json(202, {});
    }
    if (!question)
      throw new Refusal(404, `there are ${[...Object.keys(ORDERS), ...Object.keys(QUESTIONS)].join(', ')}`);
    proveMethod(method, 'GET');
    return json(200, await question.answer(this.#verbs, ...readQuery(query, question.of)));
  }
}

function proveMethod(given: string, wanted: string): void {
  if (given !== wanted) throw new Refusal(405, `this is asked with ${wanted}`, { Allow: wanted });
}

function refusalOf(error: unknown): Refusal {
  if (error instanceof Refusal) return error;
  if (error instanceof UsageError) return new Refusal(400, error.message);
  if (error instanceof SystemError) return new Refusal(503, error.message);
  publish('usta:handler:failed', { callback: 'Gateway.door', error });
  return new Refusal(500, 'internal error');
}

function json(status: number, content: object, headers: Readonly<Record<string, string>> = {}): Response {
  const type = { 'Content-Type': 'application/json', 'Cache-Control': 'no-store' };
  return new Response(status, { ...type, ...headers }, `${JSON.stringify(content)}\n`);
}
