import { draw, type RandomState } from './random.js';

/** What a camera takes a digit for when paint is worn. */
const LOOKS_LIKE: Readonly<Record<string, string>> = {
  '0': '8',
  '1': '7',
  '2': '7',
  '3': '8',
  '4': '1',
  '5': '6',
  '6': '5',
  '7': '1',
  '8': '3',
  '9': '0',
};

/** The number with one of its seven digits taken for another. */
export function misread(random: RandomState, containerNumber: string): string {
  const place = 4 + Math.floor(draw(random) * (containerNumber.length - 4));
  const digit = containerNumber[place] ?? '';
  return `${containerNumber.slice(0, place)}${LOOKS_LIKE[digit] ?? digit}${containerNumber.slice(place + 1)}`;
}
