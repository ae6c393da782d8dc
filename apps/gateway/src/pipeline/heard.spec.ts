import { describe, expect, it } from '@jest/globals';
import { hear, type Heard } from './heard.js';

/** Tells the numbers one by one; answers with those that were readings. */
function told(numbers: readonly (number | [string, number])[]): (number | string)[] {
  let heard: Heard | undefined;
  return numbers.flatMap((said): (number | string)[] => {
    const [boot, sequence] = typeof said === 'number' ? ['a', said] : said;
    const step = hear(heard, { deviceId: 'cam', boot, sequence });
    if (step.isRepeat) return [];
    ({ heard } = step);
    return typeof said === 'number' ? [sequence] : [said.join('')];
  });
}

describe('what a device has said', () => {
  it('counts a line that is sent again once, however often', () => {
    expect(told([1, 2, 3, 2, 3, 3, 4])).toEqual([1, 2, 3, 4]);
  });

  it('takes a line that was overtaken when it comes, once', () => {
    expect(told([1, 4, 2, 2, 3, 4, 5])).toEqual([1, 4, 2, 3, 5]);
  });

  it('begins anew with each numbering', () => {
    expect(told([1, 2, ['b', 1], ['b', 2], ['b', 1]])).toEqual([1, 2, 'b1', 'b2']);
  });

  it('need not begin at 1, and keeps only so many missing numbers', () => {
    expect(told([700, 1, 701])).toEqual([700, 701]);
    // 1 to 999 were skipped: the last 256 of them may still come
    expect(told([1, 1000, 999, 744, 743])).toEqual([1, 1000, 999, 744]);
  });
});
