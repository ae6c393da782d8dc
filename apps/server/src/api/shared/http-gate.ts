import type { DomainError } from '#libs/kernel';
import { type Logger } from '#libs/kernel';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { errorExtensions, toDomainError } from './api-error.js';
import type { ContextFactory } from './context-factory.js';
import type { AskedDocument, OperationGate } from './operation-gate.js';
import { rateHeaders } from './rate-limits.js';

interface Parts {
  readonly gate: OperationGate;
  readonly contexts: ContextFactory;
  readonly logger: Logger;
}

/** Holds `/graphql` to the gate before the GraphQL server reads anything. */
export function guardGraphql(fastify: FastifyInstance, { gate, contexts, logger }: Parts): void {
  fastify.addHook('preHandler', async (request, reply) => {
    if (request.routeOptions.url !== '/graphql') return;
    const asked = askedIn(request.body) ?? askedIn(request.query);
    try {
      void reply.header('cache-control', 'no-store');
      const { payer } = await contexts.of(request);
      void reply.headers(rateHeaders(await gate.take(payer)));
      if (asked === null) return;
      const text = gate.textOf(asked);
      if (text !== null) asked.query = text;
    } catch (error) {
      await refuse(reply, toDomainError(error, logger));
    }
  });
}

function askedIn(holder: unknown): (AskedDocument & { query?: unknown }) | null {
  return typeof holder === 'object' && holder !== null && ('query' in holder || 'documentId' in holder) ? holder : null;
}

function refuse(reply: FastifyReply, error: DomainError): FastifyReply {
  const retryAfter = error.details['retryAfterSeconds'];
  if (typeof retryAfter === 'number') void reply.header('retry-after', String(retryAfter));
  return reply
    .status(error.code === 'RATE_LIMITED' ? 429 : 400)
    .send({ errors: [{ message: error.message, extensions: errorExtensions(error) }] });
}
