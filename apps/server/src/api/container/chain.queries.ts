import { EVENT_KINDS, type EventKind } from '#libs/journal';
import type { ContainerChainArgs } from '../schema.generated.js';
import { Binds } from '../shared/columns.js';
import { behind, checkPageSize, KeysetList, type Connection } from '../shared/connection.js';
import { allForEach } from '../shared/grouped.js';
import { checkPeriod, within } from '../shared/period.js';
import type { Batch, RequestContext } from '../shared/request-context.js';

type ChainKind = 'EVENT' | 'PASS' | 'BINDING' | 'OBSERVATION' | 'RESOLUTION';

export interface ChainRow {
  readonly parentKey: string;
  readonly at: Date;
  /** Unique in the chain; the second part of its order. */
  readonly key: string;
  readonly kind: ChainKind;
  readonly siteId: string | null;
  readonly uuid: string | null;
  readonly details: Readonly<Record<string, unknown>>;
}

/** Each source of a box's chain, over `parent(key)` = its number: time, key, site, id and details. */
const SOURCES: readonly {
  readonly kind: ChainKind;
  readonly at: string;
  readonly key: string;
  readonly siteId: string;
  readonly uuid: string;
  readonly details: string;
  readonly from: string;
}[] = [
  {
    kind: 'EVENT',
    at: 'e.occurred_at',
    key: `'E' || e.id`,
    siteId: 'e.site_id',
    uuid: 'e.id',
    details: `jsonb_build_object('kind', e.kind, 'truckPlate', e.truck_plate, 'gate', e.gate_id, 'lane', e.lane_id, 'zone', e.zone_id,
      'site', e.site_id, 'source', e.source, 'late', e.late, 'withdraws', e.withdraws, 'payload', e.payload)`,
    from: `tracking_event e WHERE e.asset_kind = 'CONTAINER' AND e.asset_code = parent.key`,
  },
  {
    kind: 'PASS',
    at: 'p.occurred_at',
    key: `'P' || p.id`,
    siteId: 'p.site_id',
    uuid: 'p.id',
    details: `jsonb_build_object('lane', p.lane_id, 'direction', p.direction, 'outcome', p.outcome, 'truckPlate', p.truck_plate,
      'exceptions', p.exceptions)`,
    from: `pass_container c JOIN gate_pass p ON p.site_id = c.site_id AND p.id = c.pass_id AND p.occurred_at = c.occurred_at
      WHERE c.container_number = parent.key`,
  },
  {
    kind: 'BINDING',
    at: 'b.valid_from',
    key: `'B' || b.id`,
    siteId: 'NULL',
    uuid: 'NULL',
    details: `jsonb_build_object('change', 'BEGUN', 'binding', b.kind, 'subject', b.subject, 'asset', b.asset_kind || ':' || b.asset_code,
      'source', b.source)`,
    from: `binding b WHERE (b.asset_kind = 'CONTAINER' AND b.asset_code = parent.key)
      OR (b.kind = 'ASSET' AND b.subject = 'CONTAINER:' || parent.key)`,
  },
  {
    kind: 'BINDING',
    at: 'b.valid_to',
    key: `'C' || b.id`,
    siteId: 'NULL',
    uuid: 'NULL',
    details: `jsonb_build_object('change', 'ENDED', 'binding', b.kind, 'subject', b.subject, 'asset', b.asset_kind || ':' || b.asset_code,
      'source', b.source)`,
    from: `binding b WHERE b.valid_to IS NOT NULL AND ((b.asset_kind = 'CONTAINER' AND b.asset_code = parent.key)
      OR (b.kind = 'ASSET' AND b.subject = 'CONTAINER:' || parent.key))`,
  },
  {
    kind: 'OBSERVATION',
    at: 'o.occurred_at',
    key: `concat_ws('/', 'O' || o.device_id, o.boot, o.sequence)`,
    siteId: 'o.site_id',
    uuid: 'NULL',
    details: `jsonb_build_object('observation', o.kind, 'device', o.device_id, 'boot', o.boot, 'sequence', o.sequence,
      'lane', o.lane_id, 'subject', o.subject, 'body', o.body)`,
    from: `observation o WHERE o.asset_kind = 'CONTAINER' AND o.asset_code = parent.key`,
  },
  {
    kind: 'RESOLUTION',
    at: 'u.resolved_at',
    key: `'U' || u.id`,
    siteId: 'u.site_id',
    uuid: 'u.id',
    details: `jsonb_build_object('seen', u.seen, 'reason', u.reason, 'lane', u.lane_id, 'device', u.device_id, 'by', u.resolved_by)`,
    from: `unresolved_observation u WHERE u.chosen_container = parent.key AND u.state = 'RESOLVED'`,
  },
];

/** A box's whole chain, oldest first; the chains of several boxes with the same arguments are read together. */
export async function containerChain(
  context: RequestContext,
  number: string,
  { period, ...page }: ContainerChainArgs,
): Promise<Connection<ChainRow>> {
  checkPageSize(page.first);
  checkPeriod(period, 'period');
  const list = new KeysetList('Container.chain', number, { period });
  const after = list.after(page.after, 'text');
  const batch: Batch<string, readonly ChainRow[]> = {
    name: `Container.chain ${JSON.stringify([period, page])}`,
    async load(reader, keys) {
      const binds = new Binds();
      const bind = (value: unknown): string => binds.bind(value);
      const limit = `LIMIT ${bind(page.first + 1)}`;
      const branches = SOURCES.map(({ kind, at, key, siteId, uuid, details, from }) => {
        const ordered = `(${key})::text COLLATE "C"`;
        const conditions = within(period, at, bind).map((condition) => `AND ${condition}`);
        return `(SELECT ${at} AS at, ${ordered} AS key, '${kind}'::text AS kind, ${siteId}::text AS site_id, ${uuid}::uuid AS uuid, ${details} AS details
          FROM (SELECT 1) AS one, ${from.replace(' WHERE ', ' WHERE (')}) ${conditions.join(' ')}
          ${behind(after, 'OLDEST_FIRST', { at, id: ordered, idType: 'text' }, bind)} ORDER BY 1, 2 ${limit})`;
      });
      const rows = await reader.query<ChainRow>(
        `SELECT parent.key AS "parentKey", link.at, link.key, link.kind, link.site_id AS "siteId", link.uuid, link.details
         FROM unnest(${bind(keys)}::text[]) AS parent(key) CROSS JOIN LATERAL (
           SELECT * FROM (${branches.join(' UNION ALL ')}) AS every_source ORDER BY at, key ${limit}) link
         ORDER BY link.at, link.key`,
        binds.values,
      );
      return allForEach(keys, rows, (row) => row.parentKey);
    },
  };
  return list.page(await context.load(batch, number), page.first, (row) => ({ at: row.at, id: row.key }));
}

const text = (value: unknown): string => (typeof value === 'string' ? value : '–');

/** One sentence for a person, in English and Chinese. */
export function chainSummary({ kind, details }: ChainRow): { readonly en: string; readonly zh: string } {
  switch (kind) {
    case 'EVENT': {
      const row = EVENT_KINDS[details['kind'] as EventKind];
      const place = text(details['lane'] ?? details['zone'] ?? details['site']);
      const truck = typeof details['truckPlate'] === 'string' ? `, ${details['truckPlate']}` : '';
      return { en: `${text(details['kind'])} at ${place}${truck}.`, zh: `${row.meaningZh}：${place}${truck}` };
    }
    case 'PASS':
      return {
        en: `Pass ${text(details['direction'])} at ${text(details['lane'])}: ${text(details['outcome'])}, truck ${text(details['truckPlate'])}.`,
        zh: `过闸：${text(details['lane'])}，方向 ${text(details['direction'])}，结果 ${text(details['outcome'])}，车牌 ${text(details['truckPlate'])}`,
      };
    case 'BINDING': {
      const begun = details['change'] === 'BEGUN';
      return {
        en: `${text(details['binding'])} ${text(details['subject'])} ${begun ? 'bound to' : 'released from'} ${text(details['asset'])}.`,
        zh: `${text(details['subject'])} ${begun ? '绑定到' : '解除绑定'} ${text(details['asset'])}`,
      };
    }
    case 'OBSERVATION':
      return {
        en: `${text(details['observation'])} by ${text(details['device'])}: ${text(details['subject'])}.`,
        zh: `设备 ${text(details['device'])} 读到 ${text(details['subject'])}`,
      };
    case 'RESOLUTION':
      return {
        en: `A person said that ${text(details['seen'])} was this box.`,
        zh: `人工确认 ${text(details['seen'])} 为此箱`,
      };
  }
}
