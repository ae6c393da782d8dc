import { createLogger, DomainError, ERROR_CODES, type ErrorCode } from '#libs/kernel';
import { describe, expect, it } from '@jest/globals';
import { GraphQLError } from 'graphql';
import { errorExtensions, formatGraphqlError, HTTP_STATUS, toDomainError } from './api-error.js';

const silent = createLogger('spec', 'silent');

describe('an error that leaves the service', () => {
  it.each(Object.keys(ERROR_CODES) as ErrorCode[])('has the one shape and a status: %s', (code) => {
    const error = new DomainError(code, { field: 'f' });
    expect(errorExtensions(error)).toEqual({
      code,
      category: ERROR_CODES[code].category,
      retryable: ERROR_CODES[code].retryable,
      details: { field: 'f' },
      messageZh: ERROR_CODES[code].zh,
    });
    expect(HTTP_STATUS[error.category]).toBeGreaterThanOrEqual(400);
  });

  it('says nothing of an unknown fault but the id under which it was logged', () => {
    const error = new GraphQLError('password=hunter2', { originalError: new Error('password=hunter2'), path: ['x'] });
    const answer = formatGraphqlError(error.toJSON(), error, silent);
    expect(JSON.stringify(answer)).not.toContain('hunter2');
    expect(answer.extensions).toMatchObject({
      code: 'INTERNAL',
      details: { errorId: expect.stringMatching(/^[0-9a-f-]{36}$/) },
    });
  });

  it('hides what an INTERNAL error of our own knows', () => {
    const masked = toDomainError(new DomainError('INTERNAL', { value: 'secret' }, { message: 'secret' }), silent);
    expect(JSON.stringify(masked)).not.toContain('secret');
  });

  it('is found under GraphQL’s wrappings', () => {
    const inner = new DomainError('NOT_FOUND', { field: 'number' });
    const wrapped = new GraphQLError('a', { originalError: new GraphQLError('b', { originalError: inner }) });
    expect(toDomainError(wrapped, silent)).toBe(inner);
  });
});
