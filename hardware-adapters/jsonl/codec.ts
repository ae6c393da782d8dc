import { z } from 'zod';
import type { EpochMs } from '#libs/kernel';
import type { Decoded, ReadingBody, Rejected } from '#libs/telemetry';
import { MAX_SEQ } from './definition.js';

/* One JSON object a line; README.md is the specification and has an example of every type. */

const longitude = z.number().min(-180).max(180);
const latitude = z.number().min(-90).max(90);
const text = z.string().min(1).max(4_096);
const name = z.string().min(1).max(128);

/** RFC 3339 with seconds and an offset; `z` and `t` in lower case are allowed there, and refused here as everywhere else. */
const instant = z.iso.datetime({ offset: true });

const head = {
  seq: z.number().int().min(1).max(MAX_SEQ),
  at: instant.nullish(),
};

const speed = z.number().min(0).max(1_000).nullable().default(null);
const course = z.number().min(0).max(360).nullable().default(null);

const lanePresence = z.strictObject({
  type: z.literal('lane'),
  ...head,
  signal: z.enum(['LOOP', 'BEAM', 'BARRIER']),
  position: z.enum(['LANDSIDE', 'TERMINALSIDE', 'ONLY']).default('ONLY'),
  on: z.boolean(),
});

const laneDecision = z.strictObject({
  type: z.literal('lane'),
  ...head,
  signal: z.literal('DECISION'),
  verdict: z.enum(['ACCEPTED', 'REFUSED']),
  by: name,
  reason: text.nullable().default(null),
});

const schemas = {
  hello: z.strictObject({ type: z.literal('hello'), device: name, boot: name }),
  ocr: z.strictObject({
    type: z.literal('ocr'),
    ...head,
    target: z.enum(['CONTAINER', 'PLATE']),
    text: z.string().max(64),
    confidence: z.number().min(0).max(1),
    pictureUrl: z.url().max(2_048).nullable().default(null),
    position: z.enum(['FRONT', 'REAR', 'MIDDLE']).nullable().default(null),
  }),
  lane: z.discriminatedUnion('signal', [lanePresence, laneDecision]),
  scan: z.strictObject({
    type: z.literal('scan'),
    ...head,
    symbology: z
      .string()
      .regex(/^\][A-Za-z][0-9A-Za-z]$/)
      .nullable()
      .default(null),
    text,
  }),
  weight: z.strictObject({
    type: z.literal('weight'),
    ...head,
    grossKg: z.number().min(-1_000).max(1_000_000),
    stable: z.boolean(),
  }),
  card: z.strictObject({ type: z.literal('card'), ...head, cardNumber: name }),
  seal: z.strictObject({
    type: z.literal('seal'),
    ...head,
    sealNumber: name,
    state: z.enum(['LOCKED', 'UNLOCKED', 'TAMPERED', 'UNKNOWN']),
  }),
  vessel: z.strictObject({
    type: z.literal('vessel'),
    ...head,
    mmsi: z.string().regex(/^\d{9}$/),
    longitude,
    latitude,
    speedMps: speed,
    courseDeg: course,
  }),
  position: z.strictObject({
    type: z.literal('position'),
    ...head,
    longitude,
    latitude,
    speedMps: speed,
    courseDeg: course,
    altitudeM: z.number().min(-1_000).max(100_000).nullable().default(null),
    hdop: z.number().min(0).max(100).nullable().default(null),
    satellites: z.number().int().min(0).max(200).nullable().default(null),
    accuracyM: z.number().min(0).max(1_000_000).nullable().default(null),
    system: z.enum(['GPS', 'BEIDOU', 'GLONASS', 'GALILEO', 'QZSS', 'NAVIC', 'COMBINED', 'UNKNOWN']).default('UNKNOWN'),
  }),
  tag: z.strictObject({
    type: z.literal('tag'),
    ...head,
    antenna: z.number().int().min(1).max(64),
    pc: z.string().regex(/^[0-9A-Fa-f]{4}$/),
    epc: z.string().regex(/^(?:[0-9A-Fa-f]{4}){0,31}$/),
    rssiDbm: z.number().min(-130).max(30).nullable().default(null),
    frequencyKhz: z.number().int().min(100_000).max(6_000_000).nullable().default(null),
  }),
} as const;

type Line = z.output<(typeof schemas)[keyof typeof schemas]>;

export interface JsonlHello {
  readonly kind: 'hello';
  readonly device: string;
  /** Drawn by the device at each start of its numbering. */
  readonly boot: string;
}

export interface JsonlReading {
  readonly kind: 'reading';
  readonly seq: number;
  /** The device's time, or null when it has no clock. */
  readonly at: EpochMs | null;
  readonly body: ReadingBody;
}

export type JsonlMessage = JsonlHello | JsonlReading;

const decoder = new TextDecoder('utf-8', { fatal: true });

/**
 * One line without its line end. Refuses with `utf8`, `json`, `unknown_type` or `field`; `detail` names every field that
 * is wrong, unknown or missing. Tag reads are checked: a PC that disagrees with the EPC's length is a wrong field.
 */
export function decodeLine(line: Uint8Array): Decoded<JsonlMessage> {
  let json: string;
  try {
    json = decoder.decode(line);
  } catch (error) {
    return reject('utf8', messageOf(error));
  }
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (error) {
    return reject('json', messageOf(error));
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return reject('json', 'a line is one JSON object');
  }
  const type: unknown = 'type' in value ? value.type : undefined;
  if (typeof type !== 'string' || !Object.hasOwn(schemas, type)) {
    return reject('unknown_type', `type: ${shown(type)}, expected one of ${Object.keys(schemas).join(', ')}`);
  }
  const parsed = schemas[type as keyof typeof schemas].safeParse(value);
  if (!parsed.success) {
    const faults = parsed.error.issues.map(
      (issue) => `${issue.path.map(String).join('.') || '(line)'}: ${issue.message}`,
    );
    return reject('field', faults.join('; ').slice(0, 1_000));
  }
  return messageFrom(parsed.data);
}

function messageFrom(line: Line): Decoded<JsonlMessage> {
  switch (line.type) {
    case 'hello':
      return accept({ kind: 'hello', device: line.device, boot: line.boot });
    case 'ocr':
      return reading(line, {
        kind: 'OcrRead',
        target: line.target,
        text: line.text,
        confidence: line.confidence,
        pictureUrl: line.pictureUrl,
        position: line.position,
      });
    case 'lane':
      return reading(
        line,
        line.signal === 'DECISION'
          ? { kind: 'LaneSignal', signal: line.signal, verdict: line.verdict, by: line.by, reason: line.reason }
          : { kind: 'LaneSignal', signal: line.signal, position: line.position, on: line.on },
      );
    case 'scan':
      return reading(line, { kind: 'BarcodeScan', symbology: line.symbology, text: line.text });
    case 'weight':
      return reading(line, { kind: 'WeightReading', grossKg: line.grossKg, stable: line.stable });
    case 'card':
      return reading(line, { kind: 'CardRead', cardNumber: line.cardNumber });
    case 'seal':
      return reading(line, { kind: 'SealStatus', sealNumber: line.sealNumber, state: line.state });
    case 'vessel':
      return reading(line, {
        kind: 'VesselReport',
        mmsi: line.mmsi,
        longitude: line.longitude,
        latitude: line.latitude,
        speedMps: line.speedMps,
        courseDeg: line.courseDeg,
      });
    case 'position':
      return reading(line, {
        kind: 'PositionFix',
        longitude: line.longitude,
        latitude: line.latitude,
        speedMps: line.speedMps,
        courseDeg: line.courseDeg,
        altitudeM: line.altitudeM,
        hdop: line.hdop,
        satellites: line.satellites,
        accuracyM: line.accuracyM,
        system: line.system,
      });
    case 'tag': {
      // PC bits 11-15: length in words of 16 bits, 4 hex digits each (ISO/IEC 18000-63).
      const words = Number.parseInt(line.pc, 16) >> 11;
      if (line.epc.length !== words * 4) {
        return reject('field', `pc: ${line.pc} says ${words * 2} EPC bytes, epc has ${line.epc.length / 2}`);
      }
      return reading(line, {
        kind: 'TagRead',
        antenna: line.antenna,
        pc: line.pc.toUpperCase(),
        epc: line.epc.toUpperCase(),
        rssiDbm: line.rssiDbm,
        frequencyKhz: line.frequencyKhz,
      });
    }
  }
}

function reading(
  line: { readonly seq: number; readonly at?: string | null | undefined },
  body: ReadingBody,
): Decoded<JsonlMessage> {
  const at = line.at === undefined || line.at === null ? null : Date.parse(line.at);
  if (at !== null && !Number.isFinite(at)) return reject('field', `at: ${shown(line.at)} is no instant`);
  return accept({ kind: 'reading', seq: line.seq, at, body });
}

function accept(message: JsonlMessage): { readonly ok: true; readonly message: JsonlMessage } {
  return { ok: true, message };
}

function reject(reason: string, detail: string): Rejected {
  return { ok: false, reason, detail };
}

function shown(value: unknown): string {
  return (JSON.stringify(value) ?? 'absent').slice(0, 80);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
