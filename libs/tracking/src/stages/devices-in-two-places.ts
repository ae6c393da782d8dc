import { derivedId, type EpochMs } from '#libs/kernel';
import type { Tx } from '#libs/persistence';
import type { Batch, DeviceElsewhere, NewAlert } from '../batch.js';
import { raiseAlerts } from './alerts.js';

/**
 * Which devices another terminal's gateway has told of within ten minutes. What stands in no lane, such as a receiver on a truck,
 * moves between terminals and is asked for by nobody.
 */
export function heardElsewhere(tx: Tx, siteId: string, deviceIds: readonly string[]): Promise<DeviceElsewhere[]> {
  if (deviceIds.length === 0) return Promise.resolve([]);
  return tx.query<DeviceElsewhere>(
    `SELECT device_id AS "deviceId", site_id AS "siteId" FROM device_health
     WHERE device_id = ANY ($1) AND site_id <> $2 AND lane_id IS NOT NULL AND reported_at > now() - interval '10 minutes'`,
    [deviceIds, siteId],
  );
}

/** Both terminals are told, once a device and day. The readings of both stand, each at its own terminal. */
export async function noteDevicesElsewhere(batch: Batch): Promise<void> {
  for (const device of batch.elsewhere) {
    batch.alerts.push(alertOf(device.deviceId, batch.siteId, device.siteId, batch.receivedAt));
  }
  await tellOtherTerminals(batch.tx, batch.siteId, batch.elsewhere, batch.receivedAt);
}

/** The same for what a health report tells of, outside of a batch. */
export async function tellBothTerminals(
  tx: Tx,
  siteId: string,
  elsewhere: readonly DeviceElsewhere[],
  at: EpochMs,
): Promise<void> {
  const own = elsewhere.map((device) => alertOf(device.deviceId, siteId, device.siteId, at));
  await raiseAlerts(tx, siteId, own);
  await tellOtherTerminals(tx, siteId, elsewhere, at);
}

async function tellOtherTerminals(
  tx: Tx,
  siteId: string,
  elsewhere: readonly DeviceElsewhere[],
  at: EpochMs,
): Promise<void> {
  for (const other of elsewhere)
    await raiseAlerts(tx, other.siteId, [alertOf(other.deviceId, other.siteId, siteId, at)]);
}

function alertOf(deviceId: string, siteId: string, otherSiteId: string, at: EpochMs): NewAlert {
  const day = new Date(at).toISOString().slice(0, 10);
  return {
    id: derivedId('alert', 'DEVICE_CLONED', siteId, deviceId, day),
    kind: 'DEVICE_CLONED',
    severity: 'CRITICAL',
    raisedAt: at,
    laneId: null,
    deviceId,
    passId: null,
    unresolvedId: null,
    details: { sign: 'TWO_TERMINALS', otherSiteId },
  };
}
