import { nearbyContainerNumbers, normaliseContainerNumber } from '#libs/identifiers';
import { announce } from '#libs/journal';
import { derivedId } from '#libs/kernel';
import type { Tx } from '#libs/persistence';
import type { Batch, NewAlert } from '../batch.js';
import type { Unresolved } from '../resolve-pass.js';

const MOST_PROPOSALS = 5;

interface Proposal {
  readonly containerNumber: string;
  readonly because: readonly string[];
}

/** Keeps what nobody could name, with the boxes that it may have been, and raises its alert. */
export async function keepUnresolved(batch: Batch): Promise<void> {
  for (const { passId, laneId, reading } of batch.unresolved) {
    const proposals = await proposalsFor(batch, passId, laneId, reading);
    await batch.tx.query(
      `INSERT INTO unresolved_observation (site_id, id, occurred_at, pass_id, lane_id, device_id, boot, sequence, reason, seen, proposals)
       VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11) ON CONFLICT (site_id, id) DO NOTHING`,
      [
        batch.siteId,
        reading.id,
        new Date(reading.at),
        passId,
        laneId,
        reading.ref.deviceId,
        reading.ref.boot,
        reading.ref.sequence,
        reading.reason,
        reading.seen,
        JSON.stringify(proposals),
      ],
    );
    batch.alerts.push({
      id: derivedId('alert', 'UNRESOLVED_OBSERVATION', batch.siteId, reading.id),
      kind: 'UNRESOLVED_OBSERVATION',
      severity: 'WARNING',
      raisedAt: reading.at,
      laneId,
      deviceId: reading.ref.deviceId,
      passId,
      unresolvedId: reading.id,
      details: { reason: reading.reason, seen: reading.seen, proposals: proposals.map((p) => p.containerNumber) },
    });
  }
}

async function proposalsFor(batch: Batch, passId: string, laneId: string, reading: Unresolved): Promise<Proposal[]> {
  if (reading.reason === 'TAG_WITHOUT_BINDING') {
    const boxes = batch.resolved.find((pass) => pass.id === passId)?.boxes ?? [];
    return boxes
      .filter((box) => !box.evidence.includes('TAG'))
      .map((box) => ({ containerNumber: box.containerNumber, because: ['SEEN_IN_THIS_PASS_WITHOUT_A_TAG'] }));
  }
  const text = normaliseContainerNumber(reading.seen);
  const zoneId = batch.places.lane(batch.siteId, laneId)?.zoneId ?? null;
  const known = await batch.tx.query<{ code: string; here: boolean }>(
    `SELECT a.code, coalesce($3 = ANY (s.zone_ids), false) AS here
     FROM asset a LEFT JOIN asset_state s ON s.asset_kind = a.kind AND s.asset_code = a.code
     WHERE a.kind = 'CONTAINER' AND (left(a.code, 4) = left($1, 4) OR right(a.code, 7) = $2 OR substr(a.code, 5, 6) = substr($1, 5, 6))
     LIMIT 1000`,
    [text, text.slice(-7), zoneId],
  );
  const here = new Set(known.filter((row) => row.here).map((row) => row.code));
  return nearbyContainerNumbers(
    text,
    known.map((row) => row.code),
    MOST_PROPOSALS,
  ).map((proposal) => ({
    containerNumber: proposal.number,
    because: [
      proposal.source === 'KNOWN' ? 'KNOWN_AND_NEAR' : 'CHECK_DIGIT_FIXED',
      ...(here.has(proposal.number) ? ['IN_TERMINAL'] : []),
    ],
  }));
}

/** One open alert a device for a clock that cannot be right, however often it says so. */
export function noteClocks(batch: Batch): Promise<void> {
  for (const { ref, receivedAt, reason, detail } of batch.refused) {
    if (reason !== 'clock') continue;
    const day = new Date(receivedAt).toISOString().slice(0, 10);
    const id = derivedId('alert', 'DEVICE_CLOCK', batch.siteId, ref.deviceId, day);
    if (batch.alerts.some((alert) => alert.id === id)) continue;
    batch.alerts.push({
      id,
      kind: 'DEVICE_CLOCK',
      severity: 'WARNING',
      raisedAt: receivedAt,
      laneId: null,
      deviceId: ref.deviceId,
      passId: null,
      unresolvedId: null,
      details: { detail },
    });
  }
  return Promise.resolve();
}

/** @returns the alerts that were not there yet */
export async function storeAlerts({
  tx,
  siteId,
  alerts,
}: Pick<Batch, 'tx' | 'siteId' | 'alerts'>): Promise<readonly string[]> {
  if (alerts.length === 0) return [];
  const rows = alerts.map((alert) => ({
    id: alert.id,
    kind: alert.kind,
    severity: alert.severity,
    raised_at: new Date(alert.raisedAt).toISOString(),
    lane_id: alert.laneId,
    device_id: alert.deviceId,
    pass_id: alert.passId,
    unresolved_id: alert.unresolvedId,
    details: alert.details,
  }));
  const stored = await tx.query<{ id: string }>(
    `INSERT INTO alert (site_id, id, kind, severity, raised_at, lane_id, device_id, pass_id, unresolved_id, details)
     SELECT $1, id, kind, severity, raised_at, lane_id, device_id, pass_id, unresolved_id, details
     FROM jsonb_to_recordset($2) AS row(id uuid, kind text, severity text, raised_at timestamptz, lane_id text,
       device_id text, pass_id uuid, unresolved_id uuid, details jsonb)
     ON CONFLICT (site_id, id) DO NOTHING RETURNING id`,
    [siteId, JSON.stringify(rows)],
  );
  return stored.map(({ id }) => id);
}

/** Alerts of what came in no batch: stored and announced, each once however often it is raised. */
export async function raiseAlerts(tx: Tx, siteId: string, alerts: readonly NewAlert[]): Promise<void> {
  const stored = await storeAlerts({ tx, siteId, alerts: [...alerts] });
  await announce(
    tx,
    stored.map((id) => ({ topic: 'alert', siteId, subjectId: id }) as const),
  );
}
