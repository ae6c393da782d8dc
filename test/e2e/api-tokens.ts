import { newId } from '#libs/kernel';
import type { CredentialsWorld } from './credentials-world.js';

export const DAY = 86_400_000;
export const CREATE = `mutation ($input: CreateApiTokenInput!, $key: IdempotencyKey!) {
  createApiToken(input: $input, idempotencyKey: $key) { token apiToken { id name scopes holderKind holderName role expiresAt } } }`;
export const REVOKE = `mutation ($id: ID!, $key: IdempotencyKey!) { revokeApiToken(id: $id, idempotencyKey: $key) { apiToken { revokedAt } } }`;
export const VIEWER = '{ viewer { kind displayName role secondFactor scopes } }';

export interface Created {
  readonly token: string | null;
  readonly apiToken: { readonly id: string; readonly scopes: string[]; readonly holderName: string };
}

export const inDays = (days: number): string => new Date(Date.now() + days * DAY).toISOString();
/** Of `createApiToken`. */
export const input = (over: object = {}) => ({ name: 'nightly', scopes: ['READ'], expiresAt: inDays(30), ...over });

/** Draws API tokens in a world that is opened later, before the first test. */
export const drawnIn =
  (world: () => CredentialsWorld) =>
  (token: string, over: object = {}, key: string = newId()): Promise<Created & { readonly token: string }> =>
    world().get(token, CREATE, { input: input(over), key });
