import { derivedId, type EpochMs } from '#libs/kernel';
import type { AssetKind, AssetRef } from '#libs/journal';
import type { Tx } from '#libs/persistence';

/** TAG: an EPC; DEVICE: a receiver; SEAL: a seal number; ASSET: `CONTAINER:<number>` riding on a truck. */
export type BindingKind = 'TAG' | 'DEVICE' | 'SEAL' | 'ASSET';

export interface Binding {
  readonly kind: BindingKind;
  readonly subject: string;
  readonly asset: AssetRef;
  readonly validFrom: EpochMs;
  /** null: until further notice. */
  readonly validTo: EpochMs | null;
}

interface BindingRow {
  readonly kind: BindingKind;
  readonly subject: string;
  readonly asset_kind: AssetKind;
  readonly asset_code: string;
  readonly valid_from: Date;
  readonly valid_to: Date | null;
}

const COLUMNS = 'kind, subject, asset_kind, asset_code, valid_from, valid_to';

const toBinding = (row: BindingRow): Binding => ({
  kind: row.kind,
  subject: row.subject,
  asset: { kind: row.asset_kind, code: row.asset_code },
  validFrom: row.valid_from.getTime(),
  validTo: row.valid_to?.getTime() ?? null,
});

export const covers = (binding: Binding, at: EpochMs): boolean =>
  binding.validFrom <= at && (binding.validTo === null || at < binding.validTo);

/** Who was bound to what, when: the bindings of a batch's subjects, loaded once. */
export class BindingBook {
  private readonly bySubject = new Map<string, Binding[]>();

  constructor(bindings: readonly Binding[]) {
    for (const binding of bindings) {
      const key = `${binding.kind}:${binding.subject}`;
      this.bySubject.set(key, [...(this.bySubject.get(key) ?? []), binding]);
    }
  }

  assetOf(kind: BindingKind, subject: string, at: EpochMs): AssetRef | null {
    return this.bySubject.get(`${kind}:${subject}`)?.find((binding) => covers(binding, at))?.asset ?? null;
  }

  static async load(
    tx: Tx,
    subjects: readonly { readonly kind: BindingKind; readonly subject: string }[],
  ): Promise<BindingBook> {
    if (subjects.length === 0) return new BindingBook([]);
    const rows = await tx.query<BindingRow>(
      `SELECT DISTINCT ${COLUMNS} FROM binding
       JOIN unnest($1::text[], $2::text[]) AS wanted(wanted_kind, wanted_subject) ON kind = wanted_kind AND subject = wanted_subject`,
      [subjects.map((s) => s.kind), subjects.map((s) => s.subject)],
    );
    return new BindingBook(rows.map(toBinding));
  }
}

/** The subject under which a box rides. */
export const riderSubject = (containerNumber: string): string => `CONTAINER:${containerNumber}`;

/** Boxes that rode on the trucks at any time in [from, to]. */
export async function ridersOf(tx: Tx, truckPlates: readonly string[], from: EpochMs, to: EpochMs): Promise<Binding[]> {
  if (truckPlates.length === 0) return [];
  const rows = await tx.query<BindingRow>(
    `SELECT ${COLUMNS} FROM binding WHERE kind = 'ASSET' AND asset_kind = 'TRUCK' AND asset_code = ANY ($1)
       AND valid_from <= $3 AND (valid_to IS NULL OR valid_to > $2)`,
    [truckPlates, new Date(from), new Date(to)],
  );
  return rows.map(toBinding);
}

/** The trucks that a box rode on since `from`. */
export async function ridesOf(tx: Tx, containerNumber: string, from: EpochMs): Promise<Binding[]> {
  const rows = await tx.query<BindingRow>(
    `SELECT ${COLUMNS} FROM binding WHERE kind = 'ASSET' AND subject = $1 AND (valid_to IS NULL OR valid_to > $2) ORDER BY valid_from`,
    [riderSubject(containerNumber), new Date(from)],
  );
  return rows.map(toBinding);
}

/**
 * Binds a subject from a moment on. A binding that covers the moment ends there, one that begins later bounds the new one:
 * a pass that comes late takes its place between what is known. Binding it again to the same asset changes nothing.
 */
export async function bind(
  tx: Tx,
  binding: Omit<Binding, 'validTo'> & { readonly source: 'PASS' | 'HAND'; readonly passId: string | null },
): Promise<void> {
  const { kind, subject, asset, validFrom } = binding;
  const at = new Date(validFrom);
  const [current] = await tx.query<BindingRow & { id: string }>(
    `SELECT id, ${COLUMNS} FROM binding WHERE kind = $1 AND subject = $2 AND valid_from <= $3 AND (valid_to IS NULL OR valid_to > $3)
     FOR UPDATE`,
    [kind, subject, at],
  );
  if (current?.asset_kind === asset.kind && current.asset_code === asset.code) return;
  const [next] = await tx.query<{ valid_from: Date | null }>(
    'SELECT min(valid_from) AS valid_from FROM binding WHERE kind = $1 AND subject = $2 AND valid_from > $3',
    [kind, subject, at],
  );
  if (current !== undefined) {
    if (current.valid_from.getTime() === validFrom) return; // two claims of one instant: the first stands
    await tx.query('UPDATE binding SET valid_to = $2 WHERE id = $1', [current.id, at]);
  }
  await tx.query(
    `INSERT INTO binding (id, kind, subject, asset_kind, asset_code, valid_from, valid_to, source, pass_id)
     VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9)`,
    [
      derivedId('binding', kind, subject, asset.kind, asset.code, validFrom),
      kind,
      subject,
      asset.kind,
      asset.code,
      at,
      next?.valid_from ?? null,
      binding.source,
      binding.passId,
    ],
  );
}

/** Ends the open rides of these boxes on the truck at a moment after they began. */
export async function endRides(
  tx: Tx,
  truckPlate: string,
  containerNumbers: readonly string[],
  at: EpochMs,
): Promise<void> {
  if (containerNumbers.length === 0) return;
  await tx.query(
    `UPDATE binding SET valid_to = $3
     WHERE kind = 'ASSET' AND asset_kind = 'TRUCK' AND asset_code = $1 AND subject = ANY ($2) AND valid_to IS NULL AND valid_from < $3`,
    [truckPlate, containerNumbers.map(riderSubject), new Date(at)],
  );
}
