import type { EpochMs } from '#libs/kernel';
import type { OrganisationKind } from './roles.js';

interface PaperRow {
  readonly meaningZh: string;
  /** Kinds of organisations that are not verified without it. */
  readonly requiredOf: readonly OrganisationKind[];
  /** Its number is a person's own: only the last four characters are taken. */
  readonly personal: boolean;
}

/** Papers that an organisation may hand in. */
export const PAPERS = {
  BUSINESS_LICENCE: {
    meaningZh: '营业执照',
    requiredOf: ['LOGISTICS_COMPANY', 'TERMINAL', 'PORT_GROUP', 'BANK', 'PLATFORM_OPERATOR'],
    personal: false,
  },
  LEGAL_PERSON_ID: { meaningZh: '法定代表人身份证件', requiredOf: ['LOGISTICS_COMPANY'], personal: true },
  INSTITUTION_CERTIFICATE: {
    meaningZh: '统一社会信用代码证书',
    requiredOf: ['CUSTOMS_OFFICE', 'QUARANTINE_OFFICE'],
    personal: false,
  },
  PORT_OPERATION_LICENCE: { meaningZh: '港口经营许可证', requiredOf: ['TERMINAL'], personal: false },
  FINANCIAL_LICENCE: { meaningZh: '金融许可证', requiredOf: ['BANK'], personal: false },
  ROAD_TRANSPORT_LICENCE: { meaningZh: '道路运输经营许可证', requiredOf: [], personal: false },
  FREIGHT_FORWARDER_FILING: { meaningZh: '国际货运代理企业备案', requiredOf: [], personal: false },
  CARRIER_FILING: { meaningZh: '无船承运业务备案', requiredOf: [], personal: false },
} as const satisfies Record<string, PaperRow>;

export type PaperKind = keyof typeof PAPERS;

/** What of a paper decides whether its organisation's name stands. */
export interface PaperTerm {
  readonly kind: PaperKind;
  readonly validFrom: EpochMs;
  /** Not included; null: without an end. */
  readonly validTo: EpochMs | null;
}

export function requiredPapers(kind: OrganisationKind): readonly PaperKind[] {
  return (Object.keys(PAPERS) as PaperKind[]).filter((paper) =>
    (PAPERS[paper].requiredOf as readonly OrganisationKind[]).includes(kind),
  );
}

/** Required kinds of which none of these papers is valid now. */
export function missingPapers(
  kind: OrganisationKind,
  papers: readonly PaperTerm[],
  now: EpochMs,
): readonly PaperKind[] {
  return requiredPapers(kind).filter(
    (required) =>
      !papers.some(
        (paper) => paper.kind === required && paper.validFrom <= now && (paper.validTo === null || paper.validTo > now),
      ),
  );
}

const DAY_MS = 24 * 3_600_000;
/** Days before a paper's end at which it is told, the furthest first; 0: it has run out. */
export const ALERT_DAYS = [30, 7, 1, 0] as const;

/** The nearest of the distances that a paper's end has come within; null while it is further off than all. */
export function alertDistance(validTo: EpochMs, now: EpochMs): number | null {
  return ALERT_DAYS.findLast((days) => validTo - days * DAY_MS <= now) ?? null;
}
