import { accept, type Parsed, quoted, refuse } from './parsed.js';

/** GA 36-2018, table of province characters, with the ISO 3166-2:CN code of each. */
const PROVINCES: ReadonlyMap<string, string> = new Map([
  ['京', 'CN-BJ'],
  ['津', 'CN-TJ'],
  ['冀', 'CN-HE'],
  ['晋', 'CN-SX'],
  ['蒙', 'CN-NM'],
  ['辽', 'CN-LN'],
  ['吉', 'CN-JL'],
  ['黑', 'CN-HL'],
  ['沪', 'CN-SH'],
  ['苏', 'CN-JS'],
  ['浙', 'CN-ZJ'],
  ['皖', 'CN-AH'],
  ['闽', 'CN-FJ'],
  ['赣', 'CN-JX'],
  ['鲁', 'CN-SD'],
  ['豫', 'CN-HA'],
  ['鄂', 'CN-HB'],
  ['湘', 'CN-HN'],
  ['粤', 'CN-GD'],
  ['桂', 'CN-GX'],
  ['琼', 'CN-HI'],
  ['渝', 'CN-CQ'],
  ['川', 'CN-SC'],
  ['贵', 'CN-GZ'],
  ['云', 'CN-YN'],
  ['藏', 'CN-XZ'],
  ['陕', 'CN-SN'],
  ['甘', 'CN-GS'],
  ['青', 'CN-QH'],
  ['宁', 'CN-NX'],
  ['新', 'CN-XJ'],
]);

export type LicencePlateKind = 'STANDARD' | 'NEW_ENERGY' | 'TRAILER' | 'TRAINING' | 'POLICE' | 'HONG_KONG' | 'MACAO';

export interface LicencePlate {
  /** The plate without separators: 浙B12345. */
  readonly plate: string;
  readonly province: string;
  /** ISO 3166-2. */
  readonly provinceCode: string;
  /** The issuing office within the province, one letter. */
  readonly office: string;
  /** What follows the office, without a closing character such as 挂. */
  readonly serial: string;
  readonly kind: LicencePlateKind;
}

export type LicencePlateFault = 'length' | 'province' | 'office' | 'serial';

/** GA 36-2018: a plate whose last place is one of these has four places before it. */
const CLOSING_CHARACTERS: ReadonlyMap<string, LicencePlateKind> = new Map([
  ['挂', 'TRAILER'],
  ['学', 'TRAINING'],
  ['警', 'POLICE'],
  ['港', 'HONG_KONG'],
  ['澳', 'MACAO'],
]);

/** I and O are not issued: they would read as 1 and 0. */
const SERIAL = /^[0-9A-HJ-NP-Z]+$/;
/** GA 36-2018: A to E battery, F to K other; small cars carry it first, large vehicles last. */
const NEW_ENERGY_SERIAL = /^(?:[A-HJK][0-9A-HJ-NP-Z][0-9]{4}|[0-9]{5}[A-HJK])$/;

/**
 * A civil plate of the mainland: seven places, eight for new energy. Strict; normalise first what a person or camera wrote.
 * Military, embassy and temporary plates are not read.
 */
export function parseLicencePlate(text: string): Parsed<LicencePlate, LicencePlateFault> {
  const characters = [...text];
  if (characters.length !== 7 && characters.length !== 8) {
    return refuse('length', `${quoted(text)} has ${characters.length} characters, expected 7 or 8`);
  }
  const [province = '', office = '', ...rest] = characters;
  const provinceCode = PROVINCES.get(province);
  if (provinceCode === undefined) {
    return refuse('province', `${quoted(text)} begins with ${province}, expected a province character such as 浙`);
  }
  // O is the office of police and government cars (GA 36-2018); I is not issued.
  if (!/^[A-HJ-Z]$/.test(office)) {
    return refuse('office', `${quoted(text)} has office ${office}, expected a capital letter except I`);
  }
  const seen = (serial: string, kind: LicencePlateKind) =>
    accept({ plate: text, province, provinceCode, office, serial, kind });
  const tail = rest.join('');
  if (characters.length === 8) {
    return NEW_ENERGY_SERIAL.test(tail)
      ? seen(tail, 'NEW_ENERGY')
      : refuse('serial', `${quoted(text)}, expected a new-energy serial such as D12345 or 12345D`);
  }
  const closing = CLOSING_CHARACTERS.get(rest.at(-1) ?? '');
  const serial = closing === undefined ? tail : rest.slice(0, -1).join('');
  // GA 36-2018: only Guangdong's office Z issues plates for cars of Hong Kong and Macao.
  if ((closing === 'HONG_KONG' || closing === 'MACAO') && (province !== '粤' || office !== 'Z')) {
    return refuse('serial', `${quoted(text)} ends in ${rest.at(-1) ?? ''}, which only 粤Z plates do`);
  }
  if (!SERIAL.test(serial)) {
    return refuse('serial', `${quoted(text)}, expected digits and capital letters without I and O`);
  }
  return seen(serial, closing ?? 'STANDARD');
}

/** Capital letters, no blanks, dots or dashes, full-width forms as plain ones. Letters and digits are never guessed. */
export function normaliseLicencePlate(text: string): string {
  return text
    .normalize('NFKC')
    .toUpperCase()
    .replace(/[\s\p{Pd}.·•・‧∙_]/gu, '');
}
