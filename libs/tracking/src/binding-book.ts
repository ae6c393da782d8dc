import { derivedId, type EpochMs } from '#libs/kernel';
import type { AssetKind, AssetRef } from '#libs/journal';
import type { Tx } from '#libs/persistence';

/** TAG: an EPC; DEVICE: a receiver; SEAL: a seal number; ASSET: `CONTAINER:<number>` riding on a truck. */
export type BindingKind = 'TAG' | 'DEVICE' | 'SEAL' | 'ASSET';

export interface Subject {
  readonly kind: BindingKind;
  readonly subject: string;
}

export interface Binding extends Subject {
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

  static async load(tx: Tx, subjects: readonly Subject[]): Promise<BindingBook> {
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

/** Its validity ends at `validTo`, or where the next binding of its subject begins if that is earlier. */
export interface NewBinding extends Binding {
  readonly source: 'PASS' | 'HAND';
  readonly passId: string | null;
}

/**
 * Binds subjects, each named once, from a moment on. A binding that covers the moment ends there, one that begins later bounds
 * the new one: a pass that comes late takes its place between what is known. Binding to the same asset again changes nothing,
 * and of two claims of one instant the first stands.
 */
export async function bind(tx: Tx, bindings: readonly NewBinding[]): Promise<void> {
  if (bindings.length === 0) return;
  const wanted = [
    bindings.map((binding) => binding.kind),
    bindings.map((binding) => binding.subject),
    bindings.map((binding) => new Date(binding.validFrom)),
  ];
  const [covering, later] = await Promise.all([
    tx.query<BindingRow & { id: string }>(
      `SELECT id, ${COLUMNS} FROM binding JOIN unnest($1::text[], $2::text[], $3::timestamptz[]) AS wanted(of_kind, of_subject, at)
         ON kind = of_kind AND subject = of_subject AND valid_from <= at AND (valid_to IS NULL OR valid_to > at)
       ORDER BY id FOR UPDATE OF binding`,
      wanted,
    ),
    tx.query<{ kind: BindingKind; subject: string; valid_from: Date }>(
      `SELECT kind, subject, min(valid_from) AS valid_from FROM binding
       JOIN unnest($1::text[], $2::text[], $3::timestamptz[]) AS wanted(of_kind, of_subject, at)
         ON kind = of_kind AND subject = of_subject AND valid_from > at
       GROUP BY kind, subject`,
      wanted,
    ),
  ]);
  const isOf = (binding: Subject) => (row: { readonly kind: BindingKind; readonly subject: string }) =>
    row.kind === binding.kind && row.subject === binding.subject;
  const ended: { readonly id: string; readonly at: Date }[] = [];
  const begun: Record<string, unknown>[] = [];
  for (const binding of bindings) {
    const { kind, subject, asset, validFrom, validTo } = binding;
    const next = later.find(isOf(binding))?.valid_from.getTime() ?? Infinity;
    const end = Math.min(validTo ?? Infinity, next);
    const current = covering.find(isOf(binding));
    if (current?.asset_kind === asset.kind && current.asset_code === asset.code) continue;
    if (current?.valid_from.getTime() === validFrom) continue;
    if (current !== undefined) ended.push({ id: current.id, at: new Date(validFrom) });
    begun.push({
      id: derivedId('binding', kind, subject, asset.kind, asset.code, validFrom),
      kind,
      subject,
      asset_kind: asset.kind,
      asset_code: asset.code,
      valid_from: new Date(validFrom).toISOString(),
      valid_to: end === Infinity ? null : new Date(end).toISOString(),
      source: binding.source,
      pass_id: binding.passId,
    });
  }
  if (begun.length === 0) return;
  await Promise.all([
    ended.length === 0
      ? []
      : tx.query(
          `UPDATE binding AS b SET valid_to = ended.at FROM unnest($1::uuid[], $2::timestamptz[]) AS ended(id, at) WHERE b.id = ended.id`,
          [ended.map(({ id }) => id), ended.map(({ at }) => at)],
        ),
    tx.query(
      `INSERT INTO binding (id, kind, subject, asset_kind, asset_code, valid_from, valid_to, source, pass_id)
       SELECT id, kind, subject, asset_kind, asset_code, valid_from, valid_to, source, pass_id
       FROM jsonb_to_recordset($1) AS row(id uuid, kind text, subject text, asset_kind text, asset_code text,
         valid_from timestamptz, valid_to timestamptz, source text, pass_id uuid)`,
      [JSON.stringify(begun)],
    ),
  ]);
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
