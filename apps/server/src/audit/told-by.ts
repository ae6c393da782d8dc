import type { FastifyRequest } from 'fastify';
import type { Told } from './account.js';
import { CASE_NUMBER_HEADER } from './case-number.js';

/** What an HTTP request says for the audit. */
export function toldBy({ headers, id }: FastifyRequest): Omit<Told, 'address'> {
  const given = headers[CASE_NUMBER_HEADER];
  return { requestId: id, caseNumber: typeof given === 'string' ? given : given?.[0] };
}
