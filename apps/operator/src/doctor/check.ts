export type Status = 'ok' | 'warn' | 'fail';

/** One line of the doctor's report. */
export interface Finding {
  readonly check: string;
  readonly status: Status;
  /** What was found. */
  readonly found: string;
  /** What to do; for warn and fail. */
  readonly advice?: string;
}

export const ok = (check: string, found: string): Finding => ({ check, status: 'ok', found });
export const warn = (check: string, found: string, advice: string): Finding => ({
  check,
  status: 'warn',
  found,
  advice,
});
export const fail = (check: string, found: string, advice: string): Finding => ({
  check,
  status: 'fail',
  found,
  advice,
});

/** One line for a person. */
export function line({ check, status, found, advice }: Finding): string {
  return `${status.padEnd(4)}  ${check}: ${found}${advice === undefined ? '' : ` → ${advice}`}`;
}
