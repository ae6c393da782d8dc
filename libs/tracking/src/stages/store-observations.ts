import type { ObservationBody } from '#libs/telemetry';
import type { Batch, ObservedAsset } from '../batch.js';
import { refKey } from '../keys.js';

const COLUMNS = `site_id, device_id, boot, sequence, occurred_at, received_at, kind, lane_id, subject, asset_kind, asset_code,
  longitude, latitude, body`;

/** What the device named, as it spelt it. */
function subjectText(body: ObservationBody): string | null {
  switch (body.kind) {
    case 'TagVisit':
      return body.epc;
    case 'OcrRead':
    case 'BarcodeScan':
      return body.text;
    case 'CardRead':
      return body.cardNumber;
    case 'SealStatus':
      return body.sealNumber;
    case 'VesselReport':
      return body.mmsi;
    case 'PositionFix':
    case 'LaneSignal':
    case 'WeightReading':
      return null;
  }
}

function toRow(batch: Batch, { observation, asset }: ObservedAsset): Record<string, unknown> {
  const { body } = observation;
  const hasPlace = body.kind === 'PositionFix' || body.kind === 'VesselReport';
  return {
    site_id: batch.siteId,
    device_id: observation.deviceId,
    boot: observation.boot,
    sequence: observation.sequence,
    occurred_at: new Date(observation.occurredAt).toISOString(),
    received_at: new Date(observation.receivedAt).toISOString(),
    kind: body.kind,
    lane_id: observation.laneId,
    subject: subjectText(body),
    asset_kind: asset?.kind ?? null,
    asset_code: asset?.code ?? null,
    longitude: hasPlace ? body.longitude : null,
    latitude: hasPlace ? body.latitude : null,
    body,
  };
}

/** Stores what is new and keeps only that in the batch: a re-sent observation changes nothing from here on. */
export async function storeObservations(batch: Batch): Promise<void> {
  if (batch.observations.length === 0) return;
  const stored = await batch.tx.query<{ device_id: string; boot: string; sequence: string }>(
    `INSERT INTO observation (${COLUMNS})
     SELECT ${COLUMNS} FROM jsonb_to_recordset($1) AS row(site_id text, device_id text, boot text, sequence bigint,
       occurred_at timestamptz, received_at timestamptz, kind text, lane_id text, subject text, asset_kind text,
       asset_code text, longitude double precision, latitude double precision, body jsonb)
     ON CONFLICT (site_id, device_id, boot, sequence, occurred_at) DO NOTHING
     RETURNING device_id, boot, sequence`,
    [JSON.stringify(batch.observations.map((observed) => toRow(batch, observed)))],
  );
  const fresh = new Set(
    stored.map((row) => refKey({ deviceId: row.device_id, boot: row.boot, sequence: Number(row.sequence) })),
  );
  const seen = new Set<string>();
  batch.observations = batch.observations.filter(({ observation }) => {
    const key = refKey(observation);
    if (!fresh.has(key) || seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}

/** What could not be understood is kept where a person can look at it. */
export async function storeRefused(batch: Batch): Promise<void> {
  if (batch.refused.length === 0) return;
  await batch.tx.query(
    `INSERT INTO refused_input (site_id, device_id, boot, sequence, received_at, reason, detail, hex)
     SELECT $1, device_id, boot, sequence, received_at, reason, detail, hex
     FROM jsonb_to_recordset($2) AS row(device_id text, boot text, sequence bigint, received_at timestamptz, reason text,
       detail text, hex text)
     ON CONFLICT DO NOTHING`,
    [
      batch.siteId,
      JSON.stringify(
        batch.refused.map(({ ref, receivedAt, reason, detail, hex }) => ({
          device_id: ref.deviceId,
          boot: ref.boot,
          sequence: ref.sequence,
          received_at: new Date(receivedAt).toISOString(),
          reason,
          detail,
          hex,
        })),
      ),
    ],
  );
}
