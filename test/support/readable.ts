import type { Database } from '#libs/persistence';
import { until } from './until.js';

/**
 * Until the journal can be read to its end. A reader stops at the oldest transaction in flight, and those of other specs in the
 * same cluster count: whoever begins to follow while one is open is still told what was stored before.
 */
export function allReadable(database: Database): Promise<void> {
  return until('everything stored to be readable', async () => {
    const [row] = await database.readRecorded<{ readable: boolean }>(ALL_READABLE, []);
    return row?.readable === true;
  });
}

const ALL_READABLE = `
WITH horizon AS MATERIALIZED (SELECT pg_snapshot_xmin(pg_current_snapshot()) AS xid)
SELECT NOT EXISTS (SELECT 1 FROM outbox WHERE xid >= (SELECT xid FROM horizon))
   AND NOT EXISTS (SELECT 1 FROM tracking_event WHERE xid >= (SELECT xid FROM horizon)) AS readable`;
