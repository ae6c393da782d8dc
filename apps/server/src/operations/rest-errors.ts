import { DomainError, type Logger } from '#libs/kernel';
import { type ArgumentsHost, Catch, type ExceptionFilter, HttpException, Inject } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { errorExtensions, HTTP_STATUS, toDomainError } from '../api/shared/api-error.js';
import { isForGraphql, refuse } from '../api/shared/http-gate.js';
import { LOGGER } from './logger.token.js';

/** Every error of a REST door: `{error: {message, code, category, retryable, details, messageZh}}`; of `/graphql` in its own shape. */
@Catch()
export class RestErrors implements ExceptionFilter {
  constructor(@Inject(LOGGER) private readonly logger: Logger) {}

  catch(error: unknown, host: ArgumentsHost): void {
    // GraphQL's resolvers throw to Apollo, which has its own formatter.
    if (host.getType<string>() === 'graphql') throw error;
    answerError(host.switchToHttp().getResponse<FastifyReply>(), error, this.logger);
  }
}

export function answerError(reply: FastifyReply, error: unknown, logger: Logger): void {
  const domainError = toDomainError(ofHttp(error, reply.request.routeOptions.bodyLimit), logger);
  const { committedSequence, retryAfterSeconds } = domainError.details;
  const status = domainError.code === 'RATE_LIMITED' ? 429 : HTTP_STATUS[domainError.category];
  // A body of which no operation can be read: GraphQL over HTTP has 400 for it.
  if (isForGraphql(reply.request))
    return void refuse(reply, domainError, status === HTTP_STATUS.INVALID ? 400 : status);
  void reply.status(status);
  if (domainError.category === 'UNAUTHENTICATED') void reply.header('www-authenticate', 'Bearer realm="boxtrail"');
  if (domainError.category === 'UNAVAILABLE') void reply.header('retry-after', '1');
  if (typeof retryAfterSeconds === 'number') void reply.header('retry-after', String(retryAfterSeconds));
  // A gateway reads committedSequence beside the error: send again from there.
  void reply.send({
    error: { message: domainError.message, ...errorExtensions(domainError) },
    ...(typeof committedSequence === 'number' ? { committedSequence } : {}),
  });
}

/** What the HTTP framework refuses by itself: unknown paths, bodies that are no JSON or too large. */
function ofHttp(error: unknown, bodyLimit: number): unknown {
  const status = error instanceof HttpException ? error.getStatus() : statusOf(error);
  const message = error instanceof Error ? error.message : undefined;
  switch (status) {
    case 404:
      return new DomainError('NOT_FOUND', { field: 'path' });
    case 413:
      return new DomainError('LIMIT_EXCEEDED', { field: 'body', expected: `at most ${bodyLimit} bytes` });
    case 415:
      return new DomainError('INVALID_INPUT', { field: 'content-type', expected: 'application/json, in UTF-8' });
    case 400:
      return new DomainError('INVALID_INPUT', {
        field: 'body',
        expected: 'one JSON value, whole',
        ...(message === undefined ? {} : { fault: message }),
      });
    default:
      return error;
  }
}

function statusOf(error: unknown): number | undefined {
  return typeof error === 'object' && error !== null && 'statusCode' in error && typeof error.statusCode === 'number'
    ? error.statusCode
    : undefined;
}
