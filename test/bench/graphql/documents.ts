/** One question of the bench in both spellings; both answers are brought into one form and compared before the rounds. */
export interface Document {
  readonly name: 'shipment' | 'events' | 'box';
  readonly asker: 'company' | 'customs';
  readonly ours: string;
  readonly theirs: string;
  /** What both must say, from `data` of either side. */
  readonly ourRows: (data: Data) => unknown;
  readonly theirRows: (data: Data) => unknown;
}

/** Any JSON: the comparison reads what the documents ask for. */
export type Data = Readonly<Record<string, never>>;
type Row = Readonly<Record<string, unknown>>;

const rowsOf = (value: unknown): readonly Row[] => value as readonly Row[];
const rowOf = (value: unknown): Row | null => value as Row | null;
const idOf = (nodeId: unknown): readonly string[] =>
  JSON.parse(Buffer.from(String(nodeId), 'base64').toString('utf8')) as string[];
const ourIdOf = (id: unknown): readonly string[] =>
  Buffer.from(String(id), 'base64url').toString('utf8').split(':').map(decodeURIComponent);
const ms = (value: unknown): number | null => (typeof value === 'string' ? Date.parse(value) : null);

/** Instants as milliseconds: PostGraphile writes them in the database's way. */
function timed(row: Row, ...fields: readonly string[]): Row {
  return { ...row, ...Object.fromEntries(fields.map((field) => [field, ms(row[field])])) };
}

const LAST_EVENTS = 10;
const PAGE = 50;

/** A company: a shipment with its boxes, milestones and last events. */
const SHIPMENT: Document = {
  name: 'shipment',
  asker: 'company',
  ours: `query Shipment($reference: String!) {
    shipment(reference: $reference) {
      reference trade status
      containers { number fullness windowFrom windowTo }
      milestones { code plannedAt actualAt reached site { code name } reachedBy { containerNumber } }
      events(first: ${LAST_EVENTS}) {
        nodes { kind occurredAt containerNumber truckPlate site { code name } gate { code name } lane { code } zone { code name } }
      }
    }
  }`,
  theirs: `query Shipment($reference: String!) {
    allShipmentsList(condition: { reference: $reference }, first: 1) {
      reference trade endedAt
      shipmentContainersByShipmentIdList(orderBy: CONTAINER_NUMBER_ASC) {
        containerNumber fullness
        windowsList { validFrom validTo }
      }
      milestonesByShipmentIdList(orderBy: ORDINAL_ASC) {
        code plannedAt
        siteBySiteId { id name }
        reachedByList { containerNumber occurredAt }
      }
      lastEventsList(count: ${LAST_EVENTS}) {
        kind occurredAt containerNumber truckPlate laneId
        siteBySiteId { id name } gateByGateId { id name } zoneByZoneId { id name }
      }
    }
  }`,
  ourRows: (data) => {
    const { milestones, events, containers, status, ...shipment } = rowOf(data['shipment']) ?? {};
    return {
      ...shipment,
      isOver: status === 'ENDED',
      containers: rowsOf(containers).map((row) => timed(row, 'windowFrom', 'windowTo')),
      milestones: rowsOf(milestones).map((row) => ({
        ...timed(row, 'plannedAt', 'actualAt'),
        reachedBy: rowsOf(row['reachedBy']).map(({ containerNumber }) => containerNumber),
      })),
      events: rowsOf(rowOf(events)?.['nodes']).map((row) => timed(row, 'occurredAt')),
    };
  },
  theirRows: (data) => {
    const [found] = rowsOf(data['allShipmentsList']);
    const {
      shipmentContainersByShipmentIdList: boxes,
      milestonesByShipmentIdList: milestones,
      lastEventsList: events,
      endedAt,
      ...shipment
    } = found ?? {};
    const count = rowsOf(boxes).length;
    return {
      ...shipment,
      isOver: (ms(endedAt) ?? Infinity) <= Date.now(),
      containers: rowsOf(boxes).map((row) => {
        const [window] = rowsOf(row['windowsList']);
        return {
          number: row['containerNumber'],
          fullness: row['fullness'],
          windowFrom: ms(window?.['validFrom']),
          windowTo: ms(window?.['validTo']),
        };
      }),
      milestones: rowsOf(milestones).map((row) => {
        const hits = rowsOf(row['reachedByList']);
        const reached = count > 0 && hits.length === count;
        return {
          code: row['code'],
          plannedAt: ms(row['plannedAt']),
          actualAt: reached ? Math.max(...hits.map((hit) => ms(hit['occurredAt']) ?? NaN)) : null,
          reached,
          site: named(row['siteBySiteId']),
          reachedBy: hits.map((hit) => hit['containerNumber']),
        };
      }),
      events: rowsOf(events).map(({ siteBySiteId, gateByGateId, zoneByZoneId, laneId, ...event }) => ({
        ...timed(event, 'occurredAt'),
        site: named(siteBySiteId),
        gate: named(gateByGateId),
        lane: laneId === null ? null : { code: laneId },
        zone: named(zoneByZoneId),
      })),
    };
  },
};

/** Customs: a page of the gates' events in a period. PostGraphile is asked for one more row than a page: our `hasNextPage`. */
const EVENTS: Document = {
  name: 'events',
  asker: 'customs',
  ours: `query Events($from: DateTime!, $to: DateTime!) {
    events(first: ${PAGE}, filter: { kinds: [ContainerGatedIn, ContainerGatedOut], period: { from: $from, to: $to } }) {
      nodes {
        id kind occurredAt recordedAt containerNumber truckPlate source late
        site { code name } gate { code name } lane { code } zone { code name }
      }
      pageInfo { hasNextPage endCursor }
    }
  }`,
  theirs: `query Events($from: Datetime!, $to: Datetime!) {
    eventPageList(kinds: ["ContainerGatedIn", "ContainerGatedOut"], since: $from, until: $to, count: ${PAGE + 1}) {
      nodeId kind occurredAt recordedAt containerNumber truckPlate source late laneId
      siteBySiteId { id name } gateByGateId { id name } zoneByZoneId { id name }
    }
  }`,
  ourRows: (data) => {
    const page = rowOf(data['events']);
    const nodes = rowsOf(page?.['nodes']).map(({ id, ...row }) => ({
      ...timed(row, 'occurredAt', 'recordedAt'),
      id: ourIdOf(id).slice(1),
    }));
    return { nodes, hasNextPage: rowOf(page?.['pageInfo'])?.['hasNextPage'] };
  },
  theirRows: (data) => {
    const rows = rowsOf(data['eventPageList']);
    const nodes = rows.slice(0, PAGE).map(({ nodeId, laneId, siteBySiteId, gateByGateId, zoneByZoneId, ...row }) => ({
      ...timed(row, 'occurredAt', 'recordedAt'),
      id: idOf(nodeId).slice(1, 3),
      site: named(siteBySiteId),
      gate: named(gateByGateId),
      lane: laneId === null ? null : { code: laneId },
      zone: named(zoneByZoneId),
    }));
    return { nodes, hasNextPage: rows.length > PAGE };
  },
};

/** A company: one box by its number, where it is, what happened last and under which shipments. */
const BOX: Document = {
  name: 'box',
  asker: 'company',
  ours: `query Box($number: ContainerNumber!) {
    container(number: $number) {
      number status
      place { at site { code name } }
      events(first: 5) { nodes { kind occurredAt truckPlate zone { code name } } }
      shipments { reference trade }
    }
  }`,
  theirs: `query Box($number: String!) {
    windowsOfBoxList(number: $number) { shipmentByShipmentId { reference trade } }
    assetStateByAssetKindAndAssetCode(assetKind: "CONTAINER", assetCode: $number) {
      knownAt siteBySiteId { id name }
    }
    decisiveEvent(number: $number) { kind }
    eventsOfBoxList(number: $number, count: 5) { kind occurredAt truckPlate siteBySiteId { id name } zoneByZoneId { id name } }
  }`,
  ourRows: (data) => {
    const { number: _number, place, events, ...box } = rowOf(data['container']) ?? {};
    return {
      ...box,
      place: place === null ? null : timed(rowOf(place) ?? {}, 'at'),
      events: rowsOf(rowOf(events)?.['nodes']).map((row) => timed(row, 'occurredAt')),
    };
  },
  theirRows: (data) => {
    const state = rowOf(data['assetStateByAssetKindAndAssetCode']);
    const events = rowsOf(data['eventsOfBoxList']);
    const decisive = rowOf(data['decisiveEvent'])?.['kind'];
    const [last] = events;
    return {
      status: last === undefined ? 'NOT_SEEN' : (STATUS[String(decisive)] ?? 'OUT_OF_TERMINAL'),
      place:
        state !== null
          ? { at: ms(state['knownAt']), site: named(state['siteBySiteId']) }
          : last === undefined
            ? null
            : { at: ms(last['occurredAt']), site: named(last['siteBySiteId']) },
      shipments: rowsOf(data['windowsOfBoxList']).map((row) => row['shipmentByShipmentId']),
      events: events.map(({ zoneByZoneId, siteBySiteId: _site, ...event }) => ({
        ...timed(event, 'occurredAt'),
        zone: named(zoneByZoneId),
      })),
    };
  },
};

/** Of the kinds that decide, in the zones of the made-up port. */
const STATUS: Readonly<Record<string, string>> = {
  ContainerGatedIn: 'IN_TERMINAL',
  ZoneEntered: 'IN_TERMINAL',
  ContainerGatedOut: 'OUT_OF_TERMINAL',
};

function named(place: unknown): Row | null {
  const row = rowOf(place);
  return row === null ? null : { code: row['id'], name: row['name'] };
}

export const DOCUMENTS: readonly Document[] = [SHIPMENT, EVENTS, BOX];
