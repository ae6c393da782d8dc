import { MACHINE_KEY_STATE_NAMES, keySigns, type MachineKeyState } from '#libs/identity';
import type { QueryGatewayKeysArgs } from '../schema.generated.js';
import { Binds, selectList, type Columns } from '../shared/columns.js';
import { behind, checkPageSize, KeysetList, type Connection } from '../shared/connection.js';
import { oneForEach } from '../shared/grouped.js';
import type { Batch, RequestContext } from '../shared/request-context.js';

export interface GatewayKeyRow {
  readonly keyId: string;
  readonly gatewayCode: string;
  readonly siteId: string;
  readonly state: MachineKeyState;
  readonly createdAt: Date;
  readonly firstUsedAt: Date | null;
  readonly endsAt: Date | null;
  readonly changeAskedAt: Date | null;
  readonly revokedAt: Date | null;
  readonly revokeReason: string | null;
}

const LIVE = MACHINE_KEY_STATE_NAMES.filter(keySigns)
  .map((state) => `'${state}'`)
  .join(', ');
/** A key behind its end has ended, whatever its row says. */
const STATE = `CASE WHEN k.state IN (${LIVE}) AND k.ends_at <= now() THEN 'ENDED' ELSE k.state END`;

/** Of `machine_key k`. */
export const GATEWAY_KEY_COLUMNS: Columns<GatewayKeyRow> = {
  keyId: 'k.id',
  gatewayCode: 'k.gateway_id',
  siteId: 'k.site_id',
  state: STATE,
  createdAt: 'k.created_at',
  firstUsedAt: 'k.first_used_at',
  endsAt: 'k.ends_at',
  changeAskedAt: 'k.change_asked_at',
  revokedAt: 'k.revoked_at',
  revokeReason: 'k.revoke_reason',
};

const KEY = { at: 'k.created_at', id: 'k.id', idType: 'uuid' } as const;

export async function gatewayKeyPage(
  { reader }: RequestContext,
  { gateway, state, ...page }: QueryGatewayKeysArgs,
): Promise<Connection<GatewayKeyRow>> {
  checkPageSize(page.first);
  const list = new KeysetList('Query.gatewayKeys', null, { gateway, state });
  const binds = new Binds();
  const bind = (value: unknown): string => binds.bind(value);
  const conditions = ['true'];
  if (gateway) conditions.push(`k.gateway_id = ${bind(gateway)}`);
  if (state) conditions.push(`${STATE} = ${bind(state)}`);
  const rows = await reader.query<GatewayKeyRow>(
    `SELECT ${selectList(GATEWAY_KEY_COLUMNS)} FROM machine_key k
     WHERE ${conditions.join(' AND ')} ${behind(list.after(page.after), 'NEWEST_FIRST', KEY, bind)}
     ORDER BY k.created_at DESC, k.id LIMIT ${bind(page.first + 1)}`,
    binds.values,
  );
  return list.page(rows, page.first, (row) => ({ at: row.createdAt, id: row.keyId }));
}

export const GATEWAY_KEY_BY_ID: Batch<string, GatewayKeyRow | null> = {
  name: 'gateway key by id',
  async load(reader, keys) {
    const rows = await reader.query<GatewayKeyRow>(
      `SELECT ${selectList(GATEWAY_KEY_COLUMNS)} FROM machine_key k WHERE k.id = ANY ($1::uuid[])`,
      [keys],
    );
    return oneForEach(keys, rows, (row) => row.keyId);
  },
};
