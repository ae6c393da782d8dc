import { describe, expect, it } from '@jest/globals';
import { EXPORT_FORMATS } from './formats.js';

const csv = EXPORT_FORMATS.get('csv');
const ndjson = EXPORT_FORMATS.get('ndjson');

describe('CSV', () => {
  it('begins with a byte order mark and the columns, and quotes by RFC 4180', () => {
    expect(csv?.head(['kind', 'site.code'])).toBe('\ufeffkind,site.code\r\n');
    expect(
      csv?.rows(
        ['a', 'b.code', 'c', 'd', 'e'],
        [{ a: 'x,"y"\nz', b: { code: '闸口' }, c: null, d: ['p', 'q'], e: true }],
      ),
    ).toBe('"x,""y""\nz",闸口,,p;q,true\r\n');
  });

  // OWASP, CSV injection: these begin a formula; full-width forms are taken for them by some.
  it.each(['=1+1', '+1', '-1', '@SUM(A1)', '\tx', '\rx', '=HYPERLINK("//evil","x")'])(
    'takes its force from %j',
    (text) => {
      const [line = ''] = (csv?.rows(['a'], [{ a: text }]) ?? '').split(/(?<=[^\r])\r\n$/);
      expect(line.replace(/^"/, '')).toMatch(/^'/);
    },
  );

  it('leaves numbers as they are', () => {
    expect(csv?.rows(['a'], [{ a: -3.5 }])).toBe('-3.5\r\n');
  });

  it('has JSON where the API has it', () => {
    expect(csv?.rows(['a'], [{ a: { b: 1 } }])).toBe('"{""b"":1}"\r\n');
  });
});

describe('NDJSON', () => {
  it('is one object a line', () => {
    expect(ndjson?.rows(['a'], [{ a: '=1\n' }, { a: null }])).toBe('{"a":"=1\\n"}\n{"a":null}\n');
  });
});
