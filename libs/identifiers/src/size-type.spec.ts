import { describe, expect, it } from '@jest/globals';
import { parseSizeType } from './index.js';

describe('size-type codes (ISO 6346, annexes D and E)', () => {
  it.each([
    ['22G1', 20, 1, false, 'G'],
    ['22GP', 20, 1, false, 'G'],
    ['42G1', 40, 2, false, 'G'],
    ['45R1', 40, 2, true, 'R'],
    ['L5G1', 45, 2.25, true, 'G'],
    ['22T6', 20, 1, false, 'T'],
    ['4EG1', 40, 2, true, 'G'],
    ['M5G1', 48, null, true, 'G'],
  ])('reads %s', (code, lengthFt, teu, highCube, group) => {
    expect(parseSizeType(code)).toEqual({
      ok: true,
      message: { code, lengthFt, teu, highCube, group, legacy: false },
    });
  });

  it.each(['2200', '4310'])('reads the length of the old code %s and no group', (code) => {
    expect(parseSizeType(code)).toMatchObject({ ok: true, message: { legacy: true, group: null } });
  });

  it.each([
    ['22G', 'length'],
    ['22g1', 'format'],
    ['22 1', 'format'],
    ['92G1', 'size'],
    ['27G1', 'size'],
    ['0000', 'size'],
    ['22X1', 'type'],
  ])('refuses %s for its %s', (code, reason) => {
    expect(parseSizeType(code)).toMatchObject({ ok: false, reason });
  });
});
