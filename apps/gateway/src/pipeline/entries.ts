import { DomainError, type EpochMs } from '#libs/kernel';
import type { PipelineConfig, RefusedInput } from '#libs/lane';
import type { Reading } from '#libs/telemetry';

/**
 * What a record of the spool says. The pipeline's state is a fold over these and nothing else, so a replay makes the same items:
 * also the start of a process, the configuration in force and the passing of time stand in the spool.
 */
export type SpoolEntry =
  | {
      readonly kind: 'boot';
      readonly receivedAt: EpochMs;
      /** What the pipeline is to run with from here on. */
      readonly config: PipelineConfig;
    }
  /** The devices' lines are open again, or have had their time: from here on silence says something. */
  | { readonly kind: 'listening'; readonly receivedAt: EpochMs }
  | { readonly kind: 'reading'; readonly receivedAt: EpochMs; readonly reading: Reading }
  | { readonly kind: 'refused'; readonly receivedAt: EpochMs; readonly refused: RefusedInput }
  /** Written when the passing of time alone makes items, such as the end of a silent visit. */
  | { readonly kind: 'tick'; readonly receivedAt: EpochMs };

const KINDS = new Set(['boot', 'listening', 'reading', 'refused', 'tick']);

/** JSON, because a person with a hex viewer must be able to read a spool at three in the morning. */
export function encodeEntry(entry: SpoolEntry): Buffer {
  return Buffer.from(JSON.stringify(entry));
}

/**
 * The payload passed its checksum, so it is what some version of this program wrote.
 * @throws DomainError SPOOL_DAMAGED for what this version does not know
 */
export function decodeEntry(payload: Uint8Array): SpoolEntry {
  const value: unknown = JSON.parse(Buffer.from(payload.buffer, payload.byteOffset, payload.length).toString('utf8'));
  if (isEntry(value)) return value;
  throw new DomainError('SPOOL_DAMAGED', {
    field: 'entry',
    value: JSON.stringify(value).slice(0, 200),
    expected: [...KINDS].join(', '),
  });
}

function isEntry(value: unknown): value is SpoolEntry {
  return (
    typeof value === 'object' &&
    value !== null &&
    'kind' in value &&
    typeof value.kind === 'string' &&
    KINDS.has(value.kind) &&
    'receivedAt' in value &&
    typeof value.receivedAt === 'number'
  );
}
