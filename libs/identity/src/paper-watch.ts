import { newId, type EpochMs } from '#libs/kernel';
import type { Tx } from '#libs/persistence';
import { moveOrganisation } from './organisation.commands.js';
import { alertDistance, ALERT_DAYS, missingPapers, type PaperKind, type PaperTerm } from './organisation.papers.js';
import type { OrganisationKind } from './roles.js';

/** Organisations of one transaction. */
const PAGE = 200;

interface DueRow {
  readonly id: string;
  readonly kind: OrganisationKind;
  readonly papers: readonly {
    readonly id: string;
    readonly kind: PaperKind;
    readonly validFrom: string;
    readonly validTo: string | null;
  }[];
}

/** Accepted papers of verified organisations of which one ends within the furthest distance; those that somebody is at come next time. */
const DUE = `
SELECT o.id, o.kind, papers.list AS papers
FROM organisation o CROSS JOIN LATERAL (
  SELECT jsonb_agg(jsonb_build_object('id', p.id, 'kind', p.kind, 'validFrom', p.valid_from, 'validTo', p.valid_to)) AS list,
         min(p.valid_to) AS first_end
  FROM organisation_paper p WHERE p.organisation_id = o.id AND p.verdict = 'ACCEPTED') papers
WHERE o.state = 'VERIFIED' AND papers.first_end <= $1::timestamptz + make_interval(days => $2) AND ($3::uuid IS NULL OR o.id > $3)
ORDER BY o.id LIMIT ${PAGE} FOR UPDATE OF o SKIP LOCKED`;

/**
 * Tells of papers that will run out, once at each distance, and ends the verification of organisations of which one that they need
 * has. A paper that a later one of its kind replaces is not told of.
 * @param after goes on behind this organisation
 * @returns the last organisation that was looked at; null when there are no more
 */
export async function watchPapers(tx: Tx, now: EpochMs, after: string | null): Promise<string | null> {
  const due = await tx.query<DueRow>(DUE, [new Date(now), Math.max(...ALERT_DAYS), after]);
  for (const { id: organisationId, kind, papers } of due) {
    const terms = papers.map((paper) => ({ ...termOf(paper), id: paper.id }));
    for (const { id, validTo } of terms.filter((term) => !isReplaced(term, terms))) {
      const daysBefore = validTo === null ? null : alertDistance(validTo, now);
      if (daysBefore === null) continue;
      await tx.query(
        `INSERT INTO paper_alert (paper_id, days_before, id, organisation_id, raised_at) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (paper_id, days_before) DO NOTHING`,
        [id, daysBefore, newId(), organisationId, new Date(now)],
      );
    }
    const missing = missingPapers(kind, terms, now);
    if (missing.length > 0) {
      const reason = `has run out: ${missing.join(', ')}`;
      await moveOrganisation(tx, null, { organisationId, command: 'EXPIRE', reason }, now);
    }
  }
  return due.length < PAGE ? null : (due.at(-1)?.id ?? null);
}

const termOf = ({ kind, validFrom, validTo }: DueRow['papers'][number]): PaperTerm => ({
  kind,
  validFrom: Date.parse(validFrom),
  validTo: validTo === null ? null : Date.parse(validTo),
});

function isReplaced(paper: PaperTerm, papers: readonly PaperTerm[]): boolean {
  return papers.some(
    (other) =>
      other.kind === paper.kind &&
      paper.validTo !== null &&
      (other.validTo === null || other.validTo > paper.validTo) &&
      // without a gap between them
      other.validFrom <= paper.validTo,
  );
}
