import type { Tx } from '#libs/persistence';
import type { CompanyWindow, WindowChange } from './decide-windows.js';

interface StoredWindow {
  readonly organisationId: string;
  readonly containerNumber: string;
  readonly shipmentId: string;
  readonly validFrom: Date;
  readonly validTo: Date | null;
  readonly title: string;
  readonly sees: readonly string[] | null;
}

/** All windows of a shipment, its parties' and those that were granted. */
export async function windowsOfShipment(tx: Tx, shipmentId: string): Promise<readonly CompanyWindow[]> {
  const rows = await tx.query<StoredWindow>(
    `SELECT organisation_id AS "organisationId", container_number AS "containerNumber", shipment_id AS "shipmentId",
            valid_from AS "validFrom", valid_to AS "validTo", title, sees
     FROM company_window WHERE shipment_id = $1 ORDER BY organisation_id, container_number, valid_from, title`,
    [shipmentId],
  );
  return rows.map((row) => ({
    ...row,
    validFrom: row.validFrom.getTime(),
    validTo: row.validTo?.getTime() ?? null,
  }));
}

/** One statement a kind of change: a shipment of 200 boxes and 20 parties has 4,000 windows. */
export async function applyChanges(tx: Tx, changes: readonly WindowChange[]): Promise<void> {
  const close = changes.flatMap((change) => (change.do === 'CLOSE' ? [{ ...change.window, at: change.at }] : []));
  const drop = changes.flatMap((change) => (change.do === 'DROP' ? [change.window] : []));
  const move = changes.flatMap((change) => (change.do === 'MOVE' ? [{ ...change.window, to: change.to }] : []));
  const open = changes.flatMap((change) => (change.do === 'OPEN' ? [change.window] : []));
  if (close.length > 0) {
    await tx.query(`UPDATE company_window w SET valid_to = g.at FROM ${GIVEN} WHERE ${SAME}`, [given(close)]);
  }
  if (drop.length > 0) {
    await tx.query(`DELETE FROM company_window w USING ${GIVEN} WHERE ${SAME}`, [given(drop)]);
  }
  if (move.length > 0) {
    await tx.query(`UPDATE company_window w SET shipment_id = g."to" FROM ${GIVEN} WHERE ${SAME}`, [given(move)]);
  }
  if (open.length > 0) {
    await tx.query(
      `INSERT INTO company_window (organisation_id, container_number, shipment_id, valid_from, valid_to, title, sees)
       SELECT g."organisationId", g."containerNumber", g."shipmentId", g."validFrom", g."validTo", g.title, g.sees FROM ${GIVEN}`,
      [given(open)],
    );
  }
}

const GIVEN = `jsonb_to_recordset($1) AS g("organisationId" uuid, "containerNumber" text, "shipmentId" uuid, "validFrom" timestamptz,
  "validTo" timestamptz, title text, sees text[], at timestamptz, "to" uuid)`;
const SAME = `(w.organisation_id, w.container_number, w.shipment_id, w.valid_from, w.title)
  = (g."organisationId", g."containerNumber", g."shipmentId", g."validFrom", g.title)`;

function given(windows: readonly (CompanyWindow & { readonly at?: number; readonly to?: string })[]): string {
  const instant = (at: number | null | undefined): string | null =>
    at === null || at === undefined ? null : new Date(at).toISOString();
  return JSON.stringify(
    windows.map((window) => ({
      ...window,
      validFrom: instant(window.validFrom),
      validTo: instant(window.validTo),
      at: instant(window.at),
    })),
  );
}
