import type { Role } from '#libs/identity';
import type { DeliveryState, EndpointState } from '#libs/exchange';
import { selectList, Binds, type Columns } from '../shared/columns.js';
import {
  behind,
  checkPageSize,
  KeysetList,
  type Connection,
  type Keyset,
  type PageArgs,
} from '../shared/connection.js';
import { oneForEach } from '../shared/grouped.js';
import type { Batch, RequestContext } from '../shared/request-context.js';

export interface WebhookEndpointRow {
  readonly uuid: string;
  readonly url: string;
  readonly description: string;
  readonly filter: unknown;
  readonly state: EndpointState;
  readonly stateReason: string | null;
  readonly role: Role;
  readonly caseNumber: string | null;
  readonly createdAt: Date;
  readonly failingSince: Date | null;
}

/** Of `webhook_endpoint w`. */
export const WEBHOOK_ENDPOINT_COLUMNS: Columns<WebhookEndpointRow> = {
  uuid: 'w.id',
  url: 'w.url',
  description: 'w.description',
  filter: 'w.filter',
  state: 'w.state',
  stateReason: 'w.state_reason',
  role: 'w.role',
  caseNumber: 'w.case_number',
  createdAt: 'w.created_at',
  failingSince: 'w.failing_since',
};

const ENDPOINTS = `SELECT ${selectList(WEBHOOK_ENDPOINT_COLUMNS)} FROM webhook_endpoint w`;

export function webhookEndpoints({ reader }: RequestContext): Promise<WebhookEndpointRow[]> {
  return reader.query<WebhookEndpointRow>(`${ENDPOINTS} WHERE w.state <> 'REMOVED' ORDER BY w.created_at, w.id`);
}

export const WEBHOOK_ENDPOINT_BY_ID: Batch<string, WebhookEndpointRow | null> = {
  name: 'webhook endpoint by id',
  async load(reader, keys) {
    const rows = await reader.query<WebhookEndpointRow>(`${ENDPOINTS} WHERE w.id = ANY ($1::uuid[])`, [keys]);
    return oneForEach(keys, rows, (row) => row.uuid);
  },
};

export interface WebhookDeliveryRow {
  readonly siteId: string;
  readonly eventId: string;
  readonly state: DeliveryState;
  readonly attempts: number;
  readonly createdAt: Date;
  readonly lastAttemptAt: Date | null;
  readonly nextAttemptAt: Date;
  readonly lastStatus: number | null;
  readonly lastError: string | null;
}

/** Of `webhook_delivery d`. */
export const WEBHOOK_DELIVERY_COLUMNS: Columns<WebhookDeliveryRow> = {
  siteId: 'd.site_id',
  eventId: 'd.event_id',
  state: 'd.state',
  attempts: 'd.attempts',
  createdAt: 'd.created_at',
  lastAttemptAt: 'd.last_attempt_at',
  nextAttemptAt: 'd.next_attempt_at',
  lastStatus: 'd.last_status',
  lastError: 'd.last_error',
};

const DELIVERY_KEY = { at: 'd.created_at', id: 'd.event_id', idType: 'uuid' } as const;
const keysetOf = (row: WebhookDeliveryRow): Keyset => ({ at: row.createdAt, id: row.eventId });

export async function deliveriesOf(
  { reader }: RequestContext,
  endpointId: string,
  { state, ...args }: PageArgs & { readonly state?: DeliveryState | null | undefined },
): Promise<Connection<WebhookDeliveryRow>> {
  checkPageSize(args.first);
  const list = new KeysetList('WebhookEndpoint.deliveries', endpointId, state);
  const binds = new Binds();
  const bind = (value: unknown): string => binds.bind(value);
  const rows = await reader.query<WebhookDeliveryRow>(
    `SELECT ${selectList(WEBHOOK_DELIVERY_COLUMNS)} FROM webhook_delivery d
     WHERE d.endpoint_id = ${bind(endpointId)} ${state ? `AND d.state = ${bind(state)}` : ''}
       ${behind(list.after(args.after), 'NEWEST_FIRST', DELIVERY_KEY, bind)}
     ORDER BY d.created_at DESC, d.event_id LIMIT ${bind(args.first + 1)}`,
    binds.values,
  );
  return list.page(rows, args.first, keysetOf);
}
