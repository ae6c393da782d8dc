import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Names the run to all of Jest's workers; the database starts with the first spec that asks for one (database.ts). */
export default function globalSetup() {
  process.env.BOXTRAIL_TEST_RUN = mkdtempSync(join(tmpdir(), 'boxtrail-run-'));
  process.env.BOXTRAIL_TEST_OWNER_PID = String(process.pid);
}
