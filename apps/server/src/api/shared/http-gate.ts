import type { DomainError } from '#libs/kernel';
import { type Logger } from '#libs/kernel';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { errorExtensions, toDomainError } from './api-error.js';
import type { ContextFactory } from './context-factory.js';
import type { AskedDocument, OperationGate } from './operation-gate.js';
import { rateHeaders } from './rate-limits.js';

interface Parts {
  readonly gate: OperationGate;
  readonly contexts: ContextFactory;
  readonly logger: Logger;
}

const PATH = '/graphql';

/** Holds `/graphql` to the gate before the GraphQL server reads anything. */
export function guardGraphql(fastify: FastifyInstance, { gate, contexts, logger }: Parts): void {
  fastify.addHook('preHandler', async (request, reply) => {
    if (!isForGraphql(request)) return;
    const asked = askedIn(request.body) ?? askedIn(request.query);
    try {
      void reply.header('cache-control', 'no-store');
      const { payer } = await contexts.of(request);
      void reply.headers(rateHeaders(await gate.take(payer)));
      if (asked === null) return;
      const text = gate.textOf(asked);
      if (text !== null) asked.query = text;
    } catch (error) {
      const refusal = toDomainError(error, logger);
      await refuse(reply, refusal, refusal.code === 'RATE_LIMITED' ? 429 : 400);
    }
  });
}

function askedIn(holder: unknown): (AskedDocument & { query?: unknown }) | null {
  return typeof holder === 'object' && holder !== null && ('query' in holder || 'documentId' in holder) ? holder : null;
}

export function isForGraphql({ routeOptions }: FastifyRequest): boolean {
  return routeOptions.url === PATH;
}

/** Refuses in GraphQL's shape what its server is not to read. */
export function refuse(reply: FastifyReply, error: DomainError, status: number): FastifyReply {
  const retryAfter = error.details['retryAfterSeconds'];
  if (typeof retryAfter === 'number') void reply.header('retry-after', String(retryAfter));
  return reply
    .header('cache-control', 'no-store')
    .status(status)
    .send({ errors: [{ message: error.message, extensions: errorExtensions(error) }] });
}
