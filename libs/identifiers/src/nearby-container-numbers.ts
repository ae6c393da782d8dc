import { normaliseContainerNumber, parseContainerNumber } from './iso6346.js';

export interface ContainerProposal {
  readonly number: string;
  /** 0 for the number as read, 0.5 for a look-alike, 1 for any other change of one character; sums of these. */
  readonly distance: number;
  /** KNOWN: given by the caller. CHECK_DIGIT: made by undoing one look-alike so that the check digit holds. */
  readonly source: 'KNOWN' | 'CHECK_DIGIT';
}

/** Characters that stencilled and worn paint lets cameras and people take for one another. */
const LOOK_ALIKE_GROUPS = [
  '0ODQ',
  '1IL7',
  '2Z',
  '5S',
  '6G',
  '8B',
  '4A',
  'UV',
  'CG',
  'MN',
  'EF',
  'PR',
  '38',
  '69',
  'KX',
];

const lookAlikes = new Map<string, string>();
for (const group of LOOK_ALIKE_GROUPS) {
  for (const character of group) {
    lookAlikes.set(character, (lookAlikes.get(character) ?? '') + group.replace(character, ''));
  }
}

const LOOK_ALIKE_COST = 0.5;
/** One lost or swapped character and one look-alike, or three look-alikes; beyond it a proposal is a guess. */
const FARTHEST = 1.5;
/** More ways than this to make a check digit hold say nothing about the box that stands there. */
const MOST_CHECK_DIGIT_FIXES = 3;

function substitutionCost(read: string, meant: string): number {
  if (read === meant) {
    return 0;
  }
  return lookAlikes.get(read)?.includes(meant) === true ? LOOK_ALIKE_COST : 1;
}

/** Weighted optimal string alignment: substituted, missing, extra or two neighbouring characters swapped. */
function ocrDistance(read: string, meant: string): number {
  if (Math.abs(read.length - meant.length) > FARTHEST) {
    return Infinity;
  }
  const width = meant.length + 1;
  let beforeLast: number[] = [];
  let last = Array.from({ length: width }, (_, j) => j);
  for (let i = 1; i <= read.length; i += 1) {
    const row = [i];
    let best = i;
    for (let j = 1; j < width; j += 1) {
      const a = read.charAt(i - 1);
      const b = meant.charAt(j - 1);
      let cost = Math.min(
        (last[j - 1] ?? Infinity) + substitutionCost(a, b),
        (last[j] ?? Infinity) + 1,
        (row[j - 1] ?? Infinity) + 1,
      );
      if (i > 1 && j > 1 && a === meant.charAt(j - 2) && read.charAt(i - 2) === b) {
        cost = Math.min(cost, (beforeLast[j - 2] ?? Infinity) + 1);
      }
      row.push(cost);
      best = Math.min(best, cost);
    }
    if (best > FARTHEST) {
      return Infinity;
    }
    beforeLast = last;
    last = row;
  }
  return last[width - 1] ?? Infinity;
}

/** Numbers one look-alike away (or with the lost check digit put back) whose check digit holds. */
function checkDigitFixes(read: string): string[] {
  if (/^[A-Z]{4}[0-9]{6}$/.test(read)) {
    return Array.from({ length: 10 }, (_, digit) => `${read}${digit}`).filter((text) => parseContainerNumber(text).ok);
  }
  const fixes: string[] = [];
  for (let at = 0; at < read.length; at += 1) {
    for (const meant of lookAlikes.get(read.charAt(at)) ?? '') {
      const text = read.slice(0, at) + meant + read.slice(at + 1);
      if (parseContainerNumber(text).ok) {
        fixes.push(text);
      }
    }
  }
  return fixes;
}

/**
 * Proposals for a number that was misread, at most `max`. A person or another source decides between them.
 * Known numbers come first, nearest first; made ones only follow, and only when there are few ways to make them.
 * @param known in their normal spelling, such as the boxes that are expected at the gate
 */
export function nearbyContainerNumbers(misread: string, known: Iterable<string>, max: number): ContainerProposal[] {
  const read = normaliseContainerNumber(misread);
  const found = new Map<string, ContainerProposal>();
  for (const number of known) {
    const distance = ocrDistance(read, number);
    if (distance <= FARTHEST) {
      found.set(number, { number, distance, source: 'KNOWN' });
    }
  }
  if (!parseContainerNumber(read).ok) {
    const fixes = checkDigitFixes(read).filter((number) => !found.has(number));
    if (fixes.length <= MOST_CHECK_DIGIT_FIXES) {
      for (const number of fixes) {
        found.set(number, { number, distance: ocrDistance(read, number), source: 'CHECK_DIGIT' });
      }
    }
  }
  return [...found.values()].sort(byLikelihood).slice(0, Math.max(0, max));
}

function byLikelihood(a: ContainerProposal, b: ContainerProposal): number {
  if (a.source !== b.source) {
    return a.source === 'KNOWN' ? -1 : 1;
  }
  if (a.distance !== b.distance) {
    return a.distance - b.distance;
  }
  const soundness = Number(parseContainerNumber(b.number).ok) - Number(parseContainerNumber(a.number).ok);
  return soundness || (a.number < b.number ? -1 : 1);
}
