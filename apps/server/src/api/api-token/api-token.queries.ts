import { apiTokenById, listApiTokens, type ApiTokenEntry, type Principal, type Vault } from '#libs/identity';
import type { Database } from '#libs/persistence';
import { parsePersonId, personId } from '../person/person-id.js';
import type { QueryApiTokensArgs } from '../schema.generated.js';
import { checkPageSize, KeysetList, type Connection } from '../shared/connection.js';
import { globalId } from '../shared/global-id.js';

export interface Kept {
  readonly database: Database;
  readonly vault: Vault;
}

export const API_TOKEN_FIELDS = [
  'id',
  'holderKind',
  'holderId',
  'holderName',
  'organisationId',
  'role',
  'name',
  'scopes',
  'createdAt',
  'expiresAt',
  'revokedAt',
  'drawnWith',
] as const satisfies readonly (keyof ApiTokenEntry)[];

export async function apiTokenPage(
  kept: Kept,
  principal: Principal,
  { holder, ...page }: QueryApiTokensArgs,
): Promise<Connection<ApiTokenEntry>> {
  checkPageSize(page.first);
  const list = new KeysetList('Query.apiTokens', principal.personId, { holder });
  const holderId = holder ? parsePersonId(holder, 'holder') : null;
  const stretch = { first: page.first + 1, after: list.after(page.after) };
  const rows = await listApiTokens(kept, principal, holderId, stretch);
  return list.page(rows.map(apiTokenRow), page.first, ({ createdAt, id }) => ({ at: createdAt, id }));
}

export async function apiToken(kept: Kept, principal: Principal, id: string): Promise<ApiTokenEntry> {
  return apiTokenRow(await apiTokenById(kept, principal, id));
}

function apiTokenRow(token: ApiTokenEntry): ApiTokenEntry {
  return {
    ...token,
    holderId: personId(token.holderId),
    organisationId: globalId('Organisation', token.organisationId),
  };
}
