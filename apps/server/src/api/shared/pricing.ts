import type { ApolloServerPlugin } from '@apollo/server';
import { DomainError } from '#libs/kernel';
import { GraphQLError } from 'graphql';
import type { OperationGate } from './operation-gate.js';
import { rateHeaders } from './rate-limits.js';
import type { RequestContext } from './request-context.js';

/** Takes the points of an operation that came over HTTP, once its document is valid and before anything of it runs. */
export function pricing(gate: OperationGate): ApolloServerPlugin<RequestContext> {
  return {
    requestDidStart: () =>
      Promise.resolve({
        async didResolveOperation({ schema, document, operationName, request, contextValue, response }) {
          try {
            const points = gate.furtherPoints(schema, document, operationName, request.variables);
            const left = await gate.take(contextValue.payer, points);
            for (const [name, value] of Object.entries(rateHeaders(left))) response.http.headers.set(name, value);
          } catch (error) {
            if (!(error instanceof DomainError)) throw error;
            const retryAfter = error.details['retryAfterSeconds'];
            if (typeof retryAfter === 'number') response.http.headers.set('retry-after', String(retryAfter));
            if (error.code === 'RATE_LIMITED') response.http.status = 429;
            throw new GraphQLError(error.message, { originalError: error });
          }
        },
      }),
  };
}
