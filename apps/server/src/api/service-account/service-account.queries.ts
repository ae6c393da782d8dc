import { listServiceAccounts, type Principal, type ServiceAccountEntry } from '#libs/identity';
import type { Database } from '#libs/persistence';
import { parseOrganisationId } from '../person/person-id.js';
import type { QueryServiceAccountsArgs } from '../schema.generated.js';
import { checkPageSize, KeysetList, type Connection } from '../shared/connection.js';
import { globalId } from '../shared/global-id.js';

export const SERVICE_ACCOUNT_FIELDS = [
  'id',
  'organisationId',
  'role',
  'name',
  'createdAt',
  'closedAt',
] as const satisfies readonly (keyof ServiceAccountEntry)[];

export async function serviceAccountPage(
  database: Database,
  principal: Principal,
  { organisation, ...page }: QueryServiceAccountsArgs,
): Promise<Connection<ServiceAccountEntry>> {
  checkPageSize(page.first);
  const list = new KeysetList('Query.serviceAccounts', principal.personId, { organisation });
  const organisationId = organisation ? parseOrganisationId(organisation, 'organisation') : null;
  const stretch = { first: page.first + 1, after: list.after(page.after) };
  const rows = await listServiceAccounts(database, principal, organisationId, stretch);
  return list.page(rows.map(serviceAccountRow), page.first, ({ createdAt, id }) => ({ at: createdAt, id }));
}

export function serviceAccountRow(account: ServiceAccountEntry): ServiceAccountEntry {
  return { ...account, organisationId: globalId('Organisation', account.organisationId) };
}
