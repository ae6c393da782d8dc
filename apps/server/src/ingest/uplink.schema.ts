import { UPLINK_MAX_ITEMS, type HealthReport, type RefusedInput, type UplinkBatch, type UplinkItem } from '#libs/lane';
import { DomainError } from '#libs/kernel';
import { z } from 'zod';

/** Milliseconds since 1970 that a `timestamptz` can hold and a device can have meant: 1900 to 2999. */
const instant = z.int().min(-2_208_988_800_000).max(32_503_680_000_000);
// PostgreSQL's text holds no U+0000.
const text = (max: number) =>
  z
    .string()
    .max(max)
    .regex(/^[^\0]*$/);
const name = text(200).min(1);
const count = z.int().min(0);
const amount = z.number();

const ref = { deviceId: name, boot: text(64).min(1), sequence: count };
const refSchema = z.object(ref);
const boxPosition = z.enum(['FRONT', 'REAR', 'MIDDLE']);
const longitude = z.number().min(-180).max(180);
const latitude = z.number().min(-90).max(90);

const bodySchema = z.union([
  z.object({
    kind: z.literal('TagVisit'),
    antenna: count,
    pc: text(8),
    epc: text(128),
    firstSeen: instant,
    lastSeen: instant,
    count,
    peakRssiDbm: amount.nullable(),
  }),
  z.object({
    kind: z.literal('OcrRead'),
    target: z.enum(['CONTAINER', 'PLATE']),
    text: text(100),
    confidence: z.number().min(0).max(1),
    pictureUrl: text(2_000).nullable(),
    position: boxPosition.nullable(),
  }),
  z.object({ kind: z.literal('BarcodeScan'), symbology: text(10).nullable(), text: text(4_000) }),
  z.object({
    kind: z.literal('PositionFix'),
    longitude,
    latitude,
    speedMps: amount.nullable(),
    courseDeg: amount.nullable(),
    altitudeM: amount.nullable(),
    hdop: amount.nullable(),
    satellites: amount.nullable(),
    accuracyM: amount.nullable(),
    system: z.enum(['GPS', 'BEIDOU', 'GLONASS', 'GALILEO', 'QZSS', 'NAVIC', 'COMBINED', 'UNKNOWN']),
  }),
  z.object({
    kind: z.literal('LaneSignal'),
    signal: z.enum(['LOOP', 'BEAM', 'BARRIER']),
    position: z.enum(['LANDSIDE', 'TERMINALSIDE', 'ONLY']),
    on: z.boolean(),
  }),
  z.object({
    kind: z.literal('LaneSignal'),
    signal: z.literal('DECISION'),
    verdict: z.enum(['ACCEPTED', 'REFUSED']),
    by: text(200),
    reason: text(1_000).nullable(),
  }),
  z.object({ kind: z.literal('WeightReading'), grossKg: amount, stable: z.boolean() }),
  z.object({ kind: z.literal('CardRead'), cardNumber: text(200) }),
  z.object({
    kind: z.literal('SealStatus'),
    sealNumber: text(100),
    state: z.enum(['LOCKED', 'UNLOCKED', 'TAMPERED', 'UNKNOWN']),
  }),
  z.object({
    kind: z.literal('VesselReport'),
    mmsi: text(20),
    longitude,
    latitude,
    speedMps: amount.nullable(),
    courseDeg: amount.nullable(),
  }),
]);

const observationSchema = z.object({
  ...ref,
  occurredAt: instant,
  receivedAt: instant,
  laneId: name.nullable(),
  body: bodySchema,
});

const MAX_EVIDENCE = 500;
const ocrEvidence = z.object({
  text: text(100),
  confidence: z.number().min(0).max(1),
  pictureUrl: text(2_000).nullable(),
  position: boxPosition.nullable(),
  at: instant,
  ref: refSchema,
});
const textEvidence = z.object({ text: text(4_000), at: instant, ref: refSchema });

const passSchema = z.object({
  passId: z.uuid(),
  siteId: name,
  laneId: name,
  occurredAt: instant,
  closedAt: instant,
  direction: z.enum(['IN', 'OUT', 'UNKNOWN']),
  directionSource: z.enum(['LOOPS', 'ANTENNAS', 'LANE', 'MANUAL', 'NONE']),
  outcome: z.enum(['CROSSED', 'REFUSED', 'TURNED_BACK', 'UNDECIDED']),
  closedBy: z.enum(['LOOP', 'TIMEOUT', 'MANUAL']),
  // A gateway that is older than this word does not know how the truck left.
  exit: z.enum(['SEEN', 'PRESUMED', 'NOT_REACHED', 'UNKNOWN']).default('UNKNOWN'),
  // An older gateway doubts nothing.
  doubts: z
    .array(z.enum(['LOOP_ANTENNA_CONFLICT', 'SEVERAL_TRUCKS']))
    .max(2)
    .default([]),
  decision: z
    .object({ verdict: z.enum(['ACCEPTED', 'REFUSED']), by: text(200), reason: text(1_000).nullable(), at: instant })
    .nullable(),
  tags: z
    .array(
      z.object({
        pc: text(8),
        epc: text(128),
        antennas: z.array(count).max(64),
        count,
        peakRssiDbm: amount.nullable(),
        firstSeen: instant,
        lastSeen: instant,
        ref: refSchema,
      }),
    )
    .max(MAX_EVIDENCE),
  boxes: z.array(ocrEvidence).max(MAX_EVIDENCE),
  plates: z.array(ocrEvidence).max(MAX_EVIDENCE),
  scans: z.array(textEvidence).max(MAX_EVIDENCE),
  cards: z.array(textEvidence).max(MAX_EVIDENCE),
  seals: z.array(textEvidence).max(MAX_EVIDENCE),
  weights: z.array(z.object({ grossKg: amount, stable: z.boolean(), at: instant, ref: refSchema })).max(MAX_EVIDENCE),
  crossReads: z
    .array(
      z.object({
        epc: text(128),
        givenToLane: name,
        peakRssiDbmHere: amount.nullable(),
        peakRssiDbmThere: amount.nullable(),
      }),
    )
    .max(MAX_EVIDENCE),
  causes: z.array(refSchema).max(MAX_EVIDENCE),
});

const refusedSchema = z.object({
  ref: refSchema,
  receivedAt: instant,
  reason: text(100).min(1),
  detail: text(2_000).nullable(),
  hex: z
    .string()
    .regex(/^(?:[0-9a-fA-F]{2}){0,256}$/)
    .nullable(),
});

const itemSchema: z.ZodType<UplinkItem> = z.discriminatedUnion('kind', [
  z.object({ sequence: count, kind: z.literal('observation'), observation: observationSchema }),
  z.object({ sequence: count, kind: z.literal('pass'), pass: passSchema }),
  z.object({ sequence: count, kind: z.literal('refused'), refused: refusedSchema }),
]);

/** What must hold before anything of a batch can be used: whose it is, and that its items are numbered in order. */
const envelopeSchema = z.object({
  gatewayId: name,
  siteId: name,
  streamId: z.uuid(),
  sentAt: instant,
  items: z.array(z.looseObject({ sequence: z.int().min(1) })),
});

/**
 * An item that is not what it says would come again for ever were the batch refused for it: it is kept as refused input
 * under its number, and the stream goes on.
 * @throws DomainError INVALID_INPUT when the envelope is broken, with the item's index where it is one; LIMIT_EXCEEDED
 */
export function parseBatch(body: unknown, receivedAt: number): UplinkBatch {
  if (hasItems(body) && body.items.length > UPLINK_MAX_ITEMS) {
    throw new DomainError('LIMIT_EXCEEDED', {
      field: 'items',
      value: body.items.length,
      expected: `at most ${UPLINK_MAX_ITEMS}`,
    });
  }
  const envelope = envelopeSchema.safeParse(body);
  if (!envelope.success) throw invalid(envelope.error);
  const { gatewayId, siteId, streamId, sentAt, items } = envelope.data;
  items.forEach(({ sequence }, index) => {
    const expected = (items[0]?.sequence ?? 0) + index;
    if (sequence !== expected) {
      throw new DomainError('INVALID_INPUT', {
        field: `items.${index}.sequence`,
        value: sequence,
        expected: String(expected),
        itemIndex: index,
      });
    }
  });
  return {
    gatewayId,
    siteId,
    streamId,
    sentAt,
    items: items.map((item) => parseItem(item, siteId, streamId, receivedAt)),
  };
}

function hasItems(body: unknown): body is { items: unknown[] } {
  return typeof body === 'object' && body !== null && 'items' in body && Array.isArray(body.items);
}

function parseItem(
  raw: { readonly sequence: number } & Readonly<Record<string, unknown>>,
  siteId: string,
  streamId: string,
  receivedAt: number,
): UplinkItem {
  const parsed = itemSchema.safeParse(raw);
  if (!parsed.success) return malformed(raw, streamId, receivedAt, firstFault(parsed.error));
  if (parsed.data.kind === 'pass' && parsed.data.pass.siteId !== siteId) {
    return malformed(raw, streamId, receivedAt, `pass.siteId: ${parsed.data.pass.siteId}, expected ${siteId}`);
  }
  const ahead = clockFault(parsed.data);
  if (ahead === null) return parsed.data;
  const refused: RefusedInput = { ...ahead, receivedAt, reason: 'clock', hex: beginningOf(raw) };
  return { sequence: raw.sequence, kind: 'refused', refused };
}

/** A clock that is set to another time zone is ahead by 14 h at most. */
const MOST_AHEAD_MS = 24 * 3_600_000;

/** What occurred long after it was received: it would keep out as late all that the device tells when its clock is right again. */
function clockFault(item: UplinkItem): Pick<RefusedInput, 'ref' | 'detail'> | null {
  const at = (time: number): string => new Date(time).toISOString();
  if (item.kind === 'observation') {
    const { deviceId, boot, sequence, occurredAt, receivedAt } = item.observation;
    if (occurredAt <= receivedAt + MOST_AHEAD_MS) return null;
    return { ref: { deviceId, boot, sequence }, detail: `occurred ${at(occurredAt)}, received ${at(receivedAt)}` };
  }
  if (item.kind === 'pass') {
    const { passId, laneId, occurredAt, closedAt, causes } = item.pass;
    if (occurredAt <= closedAt + MOST_AHEAD_MS) return null;
    return {
      ref: causes[0] ?? { deviceId: laneId, boot: passId, sequence: item.sequence },
      detail: `pass ${passId} occurred ${at(occurredAt)}, closed ${at(closedAt)}`,
    };
  }
  return null;
}

const beginningOf = (raw: unknown): string => Buffer.from(JSON.stringify(raw)).subarray(0, 256).toString('hex');

function malformed(
  raw: { readonly sequence: number },
  streamId: string,
  receivedAt: number,
  detail: string,
): UplinkItem {
  const refused: RefusedInput = {
    // The item's own words cannot be trusted: it is named by its place in the stream.
    ref: { deviceId: 'uplink', boot: streamId, sequence: raw.sequence },
    receivedAt,
    reason: 'malformed_item',
    detail: detail.slice(0, 500).replaceAll('\0', ''),
    hex: beginningOf(raw),
  };
  return { sequence: raw.sequence, kind: 'refused', refused };
}

/** What GraphQL's Int can tell. */
const smallCount = count.max(2_147_483_647);

const deviceHealthSchema = z.object({
  deviceId: name,
  laneId: name.nullable(),
  state: z.enum(['CONNECTING', 'OPEN', 'WAITING', 'STOPPED']),
  stateSince: instant,
  lastFrameAt: instant.nullable(),
  frames: count,
  rejected: count,
  skippedBytes: count,
  reconnects: smallCount,
  lastError: text(2_000).nullable(),
});

const healthSchema = z.object({
  gatewayId: name,
  siteId: name,
  at: instant,
  spool: z.object({
    bytes: count,
    maxBytes: count,
    unsentItems: smallCount,
    oldestUnsentAt: instant.nullable(),
    damagedRecords: smallCount,
  }),
  devices: z
    .array(deviceHealthSchema)
    .max(1_000)
    .refine((devices) => new Set(devices.map(({ deviceId }) => deviceId)).size === devices.length, {
      error: 'each device once',
    }),
});

/**
 * A gateway whose clock runs ahead is taken to report now: a report of tomorrow would keep out every later one, and its devices
 * would never count as unheard.
 * @throws DomainError INVALID_INPUT
 */
export function parseHealthReport(body: unknown, receivedAt: number): HealthReport {
  const parsed = healthSchema.safeParse(body);
  if (!parsed.success) throw invalid(parsed.error);
  return { ...parsed.data, at: Math.min(parsed.data.at, receivedAt) };
}

function firstFault(error: z.ZodError): string {
  const [issue] = error.issues;
  return issue === undefined ? 'not valid' : `${issue.path.map(String).join('.') || '(top)'}: ${issue.message}`;
}

function invalid(error: z.ZodError): DomainError {
  const [issue] = error.issues;
  const path = issue?.path ?? [];
  const itemIndex = path[0] === 'items' && typeof path[1] === 'number' ? { itemIndex: path[1] } : {};
  return new DomainError('INVALID_INPUT', {
    field: path.map(String).join('.') || '(body)',
    expected: issue?.message ?? 'a batch',
    ...itemIndex,
  });
}
