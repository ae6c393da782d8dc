/** ISO 8601-1, 5.5.2.2 and its week form; a fraction in the seconds alone, where no other reading is possible. */
const FORM =
  /^P(?=\d|T\d)(?:(?<weeks>\d{1,3})W|(?:(?<days>\d{1,4})D)?(?:T(?=\d)(?:(?<hours>\d{1,5})H)?(?:(?<minutes>\d{1,7})M)?(?:(?<seconds>\d{1,9}(?:[.,]\d{1,3})?)S)?)?)$/;

const LENGTHS_MS = { weeks: 604_800_000, days: 86_400_000, hours: 3_600_000, minutes: 60_000, seconds: 1_000 } as const;

export const MOST_MS = 3_650 * LENGTHS_MS.days;

/** @returns milliseconds; null for what is no duration of a known length, or is longer than 3,650 days */
export function parseDuration(text: string): number | null {
  const parts = FORM.exec(text)?.groups;
  if (parts === undefined) return null;
  const ms = Object.entries(LENGTHS_MS).reduce(
    (sum, [part, length]) => sum + Number((parts[part] ?? '0').replace(',', '.')) * length,
    0,
  );
  return ms <= MOST_MS ? Math.round(ms) : null;
}

/** Hours are the largest: a day on the calendar may have 23. */
export function formatDuration(ms: number): string {
  const whole = Math.round(ms);
  const hours = Math.floor(whole / LENGTHS_MS.hours);
  const minutes = Math.floor((whole % LENGTHS_MS.hours) / LENGTHS_MS.minutes);
  const seconds = (whole % LENGTHS_MS.minutes) / LENGTHS_MS.seconds;
  const told = [hours > 0 ? `${hours}H` : '', minutes > 0 ? `${minutes}M` : '', seconds > 0 ? `${seconds}S` : ''].join(
    '',
  );
  return `PT${told === '' ? '0S' : told}`;
}
