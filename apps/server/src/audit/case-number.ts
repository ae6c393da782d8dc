import { DomainError } from '#libs/kernel';

/** Letters and digits of any script and what stands between them: `310120261126000123`, `NB-2026/0457`, `甬关缉违字〔2026〕0001号`. */
const CASE_NUMBER = /^[\p{L}\p{N}][\p{L}\p{N}\-/.〔〕()（）]{3,59}$/u;
export const CASE_NUMBER_HEADER = 'x-case-number';

/**
 * The number of the case (案件编号) or inspection (查验编号) for which something is asked, from the header `x-case-number` or a
 * WebSocket's `caseNumber`. What a header cannot hold stands in it percent-encoded (UTF-8).
 * @returns null when none is given
 * @throws DomainError INVALID_INPUT
 */
export function readCaseNumber(given: string | undefined): string | null {
  if (given === undefined || given.trim() === '') return null;
  const text = decoded(given.trim());
  if (text !== null && CASE_NUMBER.test(text)) return text;
  throw new DomainError('INVALID_INPUT', {
    field: CASE_NUMBER_HEADER,
    value: given.slice(0, 100),
    expected: '4 to 60 letters, digits and - / . 〔〕 ( ); percent-encoded where a header cannot hold them',
  });
}

function decoded(text: string): string | null {
  try {
    return decodeURIComponent(text).normalize('NFC');
  } catch {
    return null;
  }
}

/** As it stands in an HTTP request's headers, or in a WebSocket's init beside `authorization`, or there under `headers`. */
export function caseNumberIn(params: Readonly<Record<string, unknown>> | undefined): string | undefined {
  const nested = params?.['headers'];
  const places = [
    params,
    typeof nested === 'object' && nested !== null ? (nested as Record<string, unknown>) : undefined,
  ];
  for (const place of places) {
    const value = place?.['caseNumber'] ?? place?.[CASE_NUMBER_HEADER];
    if (typeof value === 'string') return value;
  }
  return undefined;
}
