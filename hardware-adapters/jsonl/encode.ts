import type { EpochMs } from '#libs/kernel';
import type { ReadingBody } from '#libs/telemetry';

const TYPES = {
  OcrRead: 'ocr',
  LaneSignal: 'lane',
  BarcodeScan: 'scan',
  WeightReading: 'weight',
  CardRead: 'card',
  SealStatus: 'seal',
  VesselReport: 'vessel',
  PositionFix: 'position',
  TagRead: 'tag',
} as const satisfies Record<ReadingBody['kind'], string>;

/** Device → gateway: one reading as a line; `at` null for a device without a clock. */
export function encodeReading(seq: number, at: EpochMs | null, body: ReadingBody): Uint8Array {
  const { kind, ...fields } = body;
  return line({ type: TYPES[kind], seq, ...(at === null ? {} : { at: new Date(at).toISOString() }), ...fields });
}

/** Device → gateway: a numbering begins. */
export function encodeHello(device: string, boot: string): Uint8Array {
  return line({ type: 'hello', device, boot });
}

/** Gateway → device: everything up to `seq` is on disk. */
export function encodeAck(seq: number): Uint8Array {
  return line({ ack: seq });
}

function line(value: object): Uint8Array {
  return Buffer.from(`${JSON.stringify(value)}\n`, 'utf8');
}
