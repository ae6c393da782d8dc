/** DCSA allows 15 characters, customs forms 30. */
const LONGEST = 30;

/** A seal's number as seals are compared: in capitals without blanks. null for what is none: nothing, or longer than 30 characters. */
export function normaliseSealNumber(text: string): string | null {
  const number = text.normalize('NFKC').replace(/\s/gu, '').toUpperCase();
  return number === '' || [...number].length > LONGEST ? null : number;
}
