import { z } from 'zod';
import { DomainError, newId } from '#libs/kernel';

/** A gateway to be enrolled at a running service, by the token of who runs the system. */
export interface Enrolment {
  readonly gatewayId: string;
  readonly siteId: string;
  readonly server: string;
  readonly token: string;
}

const ENROL = `mutation ($gateway: String!, $site: String!, $key: IdempotencyKey!) {
  enrolGateway(input: { gateway: $gateway, site: $site }, idempotencyKey: $key) { code }
}`;
const WITHIN_MS = 10_000;

const answerShape = z.object({
  data: z.object({ enrolGateway: z.object({ code: z.string() }) }).nullish(),
  errors: z.array(z.object({ message: z.string(), extensions: z.object({ details: z.unknown() }) })).optional(),
});

/**
 * Draws a code over the API, as any administrator's client would.
 * @throws DomainError UNAVAILABLE with the service's own words
 */
export async function drawCode({ gatewayId, siteId, server, token }: Enrolment): Promise<string> {
  const answer = await fetch(new URL('/graphql', server), {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify({ query: ENROL, variables: { gateway: gatewayId, site: siteId, key: newId() } }),
    signal: AbortSignal.timeout(WITHIN_MS),
  });
  const told = answerShape.safeParse(await answer.json());
  const code = told.data?.data?.enrolGateway.code;
  if (code !== undefined) return code;
  const [error] = told.data?.errors ?? [];
  const why =
    error === undefined
      ? `it answers ${answer.status}`
      : `${error.message} ${JSON.stringify(error.extensions.details)}`;
  throw new DomainError(
    'UNAVAILABLE',
    { field: 'gateway', value: gatewayId },
    { message: `The service does not enrol ${gatewayId}: ${why}` },
  );
}
