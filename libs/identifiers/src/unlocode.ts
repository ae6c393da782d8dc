import { accept, type Parsed, quoted, refuse } from './parsed.js';

export interface Unlocode {
  /** As it came. */
  readonly received: string;
  /** Five characters without a blank. */
  readonly code: string;
  /** ISO 3166-1 alpha-2. */
  readonly country: string;
  readonly place: string;
  /** The code that Boxtrail files the port under: `code`, unless the alias table names another. */
  readonly canonical: string;
  /** Why `canonical` differs, or null. */
  readonly aliasReason: string | null;
}

export type UnlocodeFault = 'length' | 'format';

/**
 * Codes that partners send for the container port of Ningbo, which is CNNBO (UN/LOCODE 2023-2, function 12-4----).
 * SMDG files every container terminal of the port under CNNBO with CNNBG as alternative.
 * CNZOS (Zhoushan) is a port of its own and stands for itself.
 */
const CANONICAL_PORTS: ReadonlyMap<string, { readonly canonical: string; readonly reason: string }> = new Map(
  [
    ['CNNGB', 'Ningbo Lishe airport (function 4), which carriers send for the seaport'],
    ['CNNBG', 'Ningbo Pt, the alternative code in the SMDG list of terminals'],
    ['CNNBP', 'withdrawn in 2014-2 with the remark to use CNNBO'],
    ['CNBLG', 'Beilun Pt, a port area of Ningbo'],
    ['CNBEI', 'Beilun, a port area of Ningbo'],
    ['CNMSG', 'Meishan Pt, a port area of Ningbo'],
    ['CNMSN', 'Meishan, a port area of Ningbo'],
    ['CNCHS', 'Chuanshan, a port area of Ningbo'],
    ['CNDAX', 'Daxie Pt, a port area of Ningbo'],
    ['CNZHI', 'Zhenhai Pt, a port area of Ningbo'],
  ].map(([code = '', reason = '']) => [code, { canonical: 'CNNBO', reason }]),
);

/**
 * Checks the form only (UNECE Recommendation 16: country, then three of A to Z and 2 to 9); whether the place is listed is
 * for whoever holds the list. The printed form with a blank, `CN NBO`, and small letters are read too.
 */
export function parseUnlocode(received: string): Parsed<Unlocode, UnlocodeFault> {
  const code = received.replace(/\s/gu, '').toUpperCase();
  if (code.length !== 5) {
    return refuse('length', `${quoted(received)} has ${code.length} characters, expected 5`);
  }
  if (!/^[A-Z]{2}[A-Z2-9]{3}$/.test(code)) {
    return refuse('format', `${quoted(received)}, expected two letters and three of A to Z and 2 to 9`);
  }
  const alias = CANONICAL_PORTS.get(code);
  return accept({
    received,
    code,
    country: code.slice(0, 2),
    place: code.slice(2),
    canonical: alias?.canonical ?? code,
    aliasReason: alias?.reason ?? null,
  });
}
