import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  containerCheckDigit,
  decodeEpc,
  decodeIdentifier,
  encodeEpc,
  encodeGiai96,
  encodeGrai96,
  encodeIso17363,
  parseEpcUri,
} from '../index.js';

interface Vector {
  readonly id: string;
  readonly protocol: string;
  readonly hex?: string;
  readonly pc?: string;
  readonly uri?: string;
  readonly expect: Readonly<Record<string, unknown>>;
}

const { vectors } = JSON.parse(
  readFileSync(new URL('../../../../fixtures/vectors/epc.json', import.meta.url), 'utf8'),
) as { vectors: Vector[] };

const ofProtocol = (...protocols: string[]) => vectors.filter((v) => protocols.includes(v.protocol));
const decoded = (v: Vector) => decodeIdentifier('epc', v.hex ?? '', v.pc === undefined ? {} : { pc: v.pc });

/**
 * Vectors called invalid that TDS 6.3 makes valid pure identities: their source refuses to put them into a particular binary
 * scheme or GTIN form. The codec answers the syntax, and says what can carry them; both are asserted here.
 */
const VALID_BY_TDS: Readonly<Record<string, { readonly clause: string; readonly not: string; readonly by: string }>> = {
  'epc-o-0072': { clause: 'CPI: a serial of 12 digits; vector epc-o-0005 decodes to it', not: 'cpi-96', by: 'cpi-var' },
  'epc-o-0108': { clause: 'GDTI: 1 to 17 alphanumeric characters', not: 'gdti-96', by: 'gdti-174' },
  'epc-o-0101': { clause: 'GIAI: an alphanumeric reference', not: 'giai-96', by: 'giai-202' },
  'epc-o-0034': { clause: 'GRAI: 1 to 16 alphanumeric characters', not: 'grai-96', by: 'grai-170' },
  'epc-o-0021': { clause: 'GRAI: a leading zero is a character of the serial', not: 'grai-96', by: 'grai-170' },
  'epc-o-0058': { clause: 'ITIP: 1 to 20 alphanumeric characters', not: 'itip-110', by: 'itip-212' },
  'epc-o-0088': { clause: 'ITIP: as above; vector epc-o-0109 decodes to it', not: 'itip-110', by: 'itip-212' },
  'epc-o-0039': { clause: 'SGLN: as above; vector epc-o-0090 decodes to it', not: 'sgln-96', by: 'sgln-195' },
  'epc-o-0041': { clause: 'SGTIN: 1 to 20 alphanumeric characters', not: 'sgtin-96', by: 'sgtin-198' },
};

/** The same, for the GTIN forms of TDS 7: the URI is sound, its GTIN only cannot be written in the form that was asked for. */
const NOT_IN_GTIN_FORM: Readonly<Record<string, string>> = { 'epc-o-0064': 'GTIN-8', 'epc-o-0069': 'GTIN-12' };

/** Called invalid because its source handed it to the reader of another scheme; by itself it is sound. */
const OF_ANOTHER_SCHEME: Readonly<Record<string, string>> = {
  // Handed over as a GSRN. Vector epc-o-0112 decodes to the very same URI.
  'epc-o-0107': 'gsrnp',
};

const SOUND = new Set([VALID_BY_TDS, NOT_IN_GTIN_FORM, OF_ANOTHER_SCHEME].flatMap((rows) => Object.keys(rows)));

describe('EPC binary forms (TDS 2.x)', () => {
  it.each(ofProtocol('epc-tds').filter((v) => v.expect['valid'] !== false))('decodes $hex ($id)', (v) => {
    expect(decoded(v)).toMatchObject({ ok: true, message: v.expect });
  });

  it.each(ofProtocol('epc-tds').filter((v) => v.expect['valid'] !== false))(
    'encodes $expect.tagUri again ($id)',
    (v) => {
      const hex = v.hex ?? '';
      const encoded = encodeEpc(String(v.expect['tagUri']));
      expect(encoded.ok && encoded.message.hex.padEnd(hex.length, '0')).toBe(
        hex.padEnd(encoded.ok ? encoded.message.hex.length : 0, '0'),
      );
    },
  );

  it.each([
    ['epc-o-0074', 'partition'],
    ['epc-o-0123', 'unknown_header'],
  ])('refuses vector %s for its %s', (id, reason) => {
    const vector = vectors.find((v) => v.id === id);
    expect(vector?.expect['valid']).toBe(false);
    expect(decodeEpc(vector?.hex ?? '')).toMatchObject({ ok: false, reason });
  });

  it.each(ofProtocol('epc-tds-plus'))('decodes the + scheme of $hex ($id)', (v) => {
    const { note: _, ...want } = v.expect;
    expect(decoded(v)).toMatchObject({ ok: true, message: want });
  });

  it.each(ofProtocol('iso17363'))('reads the container of $hex ($id)', (v) => {
    expect(decoded(v)).toMatchObject({ ok: true, message: v.expect });
    expect(encodeIso17363(String(v.expect['container']))).toEqual({ pc: v.pc, hex: v.hex });
  });

  it.each(ofProtocol('iso17365'))(
    'reads the transport unit of $hex, its AFI without the words behind it ($id)',
    (v) => {
      const want = { ...v.expect, afi: String(v.expect['afi']).slice(0, 2) };
      expect(decoded(v)).toMatchObject({ ok: true, message: { ...want, inferred: true } });
      expect(decodeEpc(v.hex ?? '', '69A2')).toMatchObject({ ok: true, message: { ...want, inferred: false } });
    },
  );

  it.each(ofProtocol('epc-uri-invalid').filter((v) => !SOUND.has(v.id)))('refuses $uri ($id)', (v) => {
    expect(parseEpcUri(v.uri ?? '').ok).toBe(false);
    expect(decodeIdentifier('epc', v.uri ?? '').ok).toBe(false);
  });

  it.each(Object.entries(VALID_BY_TDS))(
    'takes %s for a pure identity that needs a longer scheme: $clause',
    (id, row) => {
      const parsed = parseEpcUri(vectors.find((v) => v.id === id)?.uri ?? '');
      expect(parsed).toMatchObject({ ok: true, message: { encodings: expect.arrayContaining([row.by]) as unknown } });
      expect(parsed.ok && parsed.message.encodings).not.toContain(row.not);
    },
  );

  it.each(Object.entries(NOT_IN_GTIN_FORM))('takes %s for an identity whose GTIN has no %s', (id, form) => {
    const parsed = parseEpcUri(vectors.find((v) => v.id === id)?.uri ?? '');
    expect(parsed.ok && parsed.message.gtinForms).not.toContain(form);
    expect(parsed.ok && parsed.message.gtinForms).toContain('GTIN-13');
  });

  it.each(Object.entries(OF_ANOTHER_SCHEME))('takes %s for the %s that it is', (id, scheme) => {
    expect(parseEpcUri(vectors.find((v) => v.id === id)?.uri ?? '')).toMatchObject({ ok: true, message: { scheme } });
  });

  it.each(ofProtocol('epc-uri-valid'))('accepts $uri ($id)', (v) => {
    expect(parseEpcUri(v.uri ?? '')).toMatchObject({
      ok: true,
      message: { tagEncodable: v.expect['tagEncodable'], encodings: [], checkDigitOk: true },
    });
  });

  it('leaves no vector out', () => {
    const counted = ofProtocol('epc-tds', 'epc-tds-plus', 'iso17363', 'iso17365', 'epc-uri-invalid', 'epc-uri-valid');
    expect([counted.length, vectors.length]).toEqual([125, 125]);
  });
});

describe('what a tag must not be taken for', () => {
  const container = encodeIso17363('CSQU3054383');

  it('reads an ISO UII by its PC, and never the same bytes as an EPC', () => {
    expect(container).toEqual({ pc: '29A9', hex: 'DC20D3455CF0D74CF8CE' });
    expect(decodeEpc(container.hex, container.pc)).toMatchObject({
      ok: true,
      message: { scheme: 'iso17363', container: 'CSQU3054383', inferred: false },
    });
    expect(decodeEpc(container.hex, '2800')).toMatchObject({ ok: false, reason: 'unknown_header' });
    // A sound GIAI-96 under a toggle bit of 1 is no EPC.
    expect(decodeEpc('3434257BF40000000000162E', '31A9')).toMatchObject({ ok: false, reason: 'data_identifier' });
  });

  it('refuses a PC that tells another length than the bytes have', () => {
    expect(decodeEpc('3434257BF40000000000162E', '3800')).toMatchObject({ ok: false, reason: 'length' });
    expect(decodeEpc('3434257BF40000000000162E', '30')).toMatchObject({ ok: false, reason: 'pc' });
  });

  it('tells a container number with a wrong category from one with a wrong digit by its text, not by refusing the tag', () => {
    expect(decodeEpc(encodeIso17363('CSQU3054384').hex)).toMatchObject({
      ok: true,
      message: { container: 'CSQU3054384', checkDigitOk: false },
    });
  });

  it.each([
    ['', 'hex'],
    ['3G', 'hex'],
    ['3', 'length'],
    ['34', 'length'],
    ['3434257BF400000000001', 'length'],
    ['F'.repeat(125), 'length'],
    // GRAI-96, partition 0: four bits of asset type that must be zero.
    ['3300393243FF750000000000', 'range'],
    // SGTIN-96, partition 6: a company prefix of 1,000,000 in 20 bits.
    ['303BD0900000000000000001', 'range'],
    // SSCC-96 whose last bit is set.
    ['3166D313AEF26019BF000001', 'reserved'],
    // SGCN-96 whose serial does not begin with 1.
    ['3F14F4E4E612640000000002', 'range'],
    // GIAI-202 without a character.
    ['3876451FD40000000000000000000000000000000000000000', 'length'],
    // F1 (GRAI+) with the digit A.
    ['F130A521141123454856', 'range'],
    // F7 (SGTIN+), encoding indicator 7.
    ['F7309521141123454E1', 'characters'],
    // FB (DSGTIN+), date type 15.
    ['FB3F', 'range'],
  ])('refuses %s for its %s', (hex, reason) => {
    expect(decodeEpc(hex)).toMatchObject({ ok: false, reason });
  });
});

describe('+ schemes, by the bit layout of TDS 14.5', () => {
  /** `[value, width]` pairs from the left, closed to a nibble. */
  const pack = (...fields: [number, number][]) => {
    const bits = fields.map(([value, width]) => value.toString(2).padStart(width, '0')).join('');
    return (bits.padEnd(Math.ceil(bits.length / 4) * 4, '0').match(/.{4}/g) ?? [])
      .map((nibble) => Number.parseInt(nibble, 2).toString(16))
      .join('');
  };
  const bcd = (digits: string): [number, number][] => [...digits].map((digit) => [Number(digit), 4]);
  const ascii = (text: string): [number, number][] => [...text].map((c) => [c.charCodeAt(0), 7]);
  const gtin = '09521141123454';

  it.each([
    ['an integer with a leading zero', [0, 3], [4, 5], [[42, 14]], '0042'],
    [
      'upper-case hex',
      [1, 3],
      [3, 5],
      [
        [0xa, 4],
        [0, 4],
        [0xf, 4],
      ],
      'A0F',
    ],
    [
      'lower-case hex',
      [2, 3],
      [3, 5],
      [
        [0xa, 4],
        [0, 4],
        [0xf, 4],
      ],
      'a0f',
    ],
    // RFC 4648, section 5: A is 0, a is 26, 0 is 52, - is 62, _ is 63.
    [
      'base 64',
      [3, 3],
      [5, 5],
      [
        [0, 6],
        [26, 6],
        [52, 6],
        [62, 6],
        [63, 6],
      ],
      'Aa0-_',
    ],
    ['7-bit characters', [4, 3], [2, 5], ascii('a/'), 'a/'],
    // URN Code 40: A is 1, - 27, . 28, : 29, 0 is 30; 1600 a + 40 b + c + 1.
    [
      'URN Code 40',
      [5, 3],
      [4, 5],
      [
        [1600 + 40 * 27 + 30 + 1, 16],
        [1600 * 28 + 1, 16],
      ],
      'A-0.',
    ],
  ] as [string, [number, number], [number, number], [number, number][], string][])(
    'reads an SGTIN+ serial as %s',
    (_, indicator, length, characters, serial) => {
      const hex = pack([0xf7, 8], [0, 1], [3, 3], ...bcd(gtin), indicator, length, ...characters);
      expect(decodeEpc(hex)).toMatchObject({
        ok: true,
        message: {
          scheme: 'SGTIN+',
          filter: 3,
          aidcDataFollows: false,
          bareIdentifier: `gtin=${gtin};serial=${serial}`,
          gs1ElementString: `(01)${gtin}(21)${serial}`,
          digitalLink: `https://id.gs1.org/01/${gtin}/21/${serial.replace('/', '%2F')}`,
        },
      });
    },
  );

  it('reads a DSGTIN+ with its date in front', () => {
    const date: [number, number][] = [
      [4, 4],
      [26, 7],
      [12, 4],
      [31, 5],
    ];
    const hex = pack([0xfb, 8], [1, 1], [0, 3], ...date, ...bcd(gtin), [0, 3], [1, 5], [7, 4]);
    expect(decodeEpc(hex)).toMatchObject({
      ok: true,
      message: {
        scheme: 'DSGTIN+',
        aidcDataFollows: true,
        bareIdentifier: `gtin=${gtin};serial=7;expDate=261231`,
        digitalLink: `https://id.gs1.org/01/${gtin}/21/7?17=261231`,
      },
    });
  });

  it('reads a CPI+ with a number sign, and a GIAI+ of digits alone', () => {
    const cpi = pack([0xf0, 8], [0, 4], ...bcd('9521141'), [14, 4], [4, 3], [3, 5], ...ascii('A#1'), [3, 4], [12, 10]);
    expect(decodeEpc(cpi)).toMatchObject({
      ok: true,
      message: {
        bareIdentifier: 'cpi=9521141A#1;serial=012',
        digitalLink: 'https://id.gs1.org/8010/9521141A%231/8011/012',
      },
    });
    const giai = pack([0xfa, 8], [0, 4], ...bcd('95211415678'), [15, 4]);
    expect(decodeEpc(giai)).toMatchObject({ ok: true, message: { bareIdentifier: 'giai=95211415678' } });
  });

  it.each([
    [0xf9, 'SSCC+', bcd('106141412345678908'), 'sscc=106141412345678908', '/00/106141412345678908'],
    [0xf4, 'GSRN+', bcd('952114112345678906'), 'gsrn=952114112345678906', '/8018/952114112345678906'],
    [0xf5, 'GSRNP+', bcd('952114112345678906'), 'gsrnp=952114112345678906', '/8017/952114112345678906'],
    [0xf8, 'SGCN+', [...bcd('9521141678909'), [5, 4], [4711, 17]], 'gcn=952114167890904711', '/255/952114167890904711'],
    [
      0xf3,
      'ITIP+',
      [...bcd('095211411234540102'), [0, 3], [3, 5], [981, 10]],
      'itip=095211411234540102;serial=981',
      '/8006/095211411234540102/21/981',
    ],
    [
      0xf2,
      'SGLN+',
      [...bcd('9521141123454'), [0, 3], [4, 5], [5678, 14]],
      'gln=9521141123454;serial=5678',
      '/414/9521141123454/254/5678',
    ],
  ] as [number, string, [number, number][], string, string][])(
    'reads header %i as %s',
    (header, scheme, fields, bareIdentifier, path) => {
      expect(decodeEpc(pack([header, 8], [0, 1], [0, 3], ...fields))).toMatchObject({
        ok: true,
        message: { scheme, bareIdentifier, digitalLink: `https://id.gs1.org${path}` },
      });
    },
  );
});

describe('EPC URIs (TDS 6 and 12)', () => {
  it.each([
    // Mostly the examples of TDS 6 and 7; check digits by GS1 General Specifications 7.9.1.
    ['urn:epc:id:sgtin:0614141.812345.6789', '80614141123458', '(01)80614141123458(21)6789'],
    ['urn:epc:id:sscc:0614141.1234567890', '106141412345678908', '(00)106141412345678908'],
    ['urn:epc:id:sgln:0614141.12345.0', '0614141123452', '(414)0614141123452'],
    ['urn:epc:id:sgln:0614141.12345.32a%2Fb', '0614141123452', '(414)0614141123452(254)32a/b'],
    ['urn:epc:id:grai:0614141.12345.32a%2Fb', '061414112345232a/b', '(8003)0061414112345232a/b'],
    ['urn:epc:id:giai:0614141.12345400', '061414112345400', '(8004)061414112345400'],
    ['urn:epc:id:gdti:0614141.12345.400', '0614141123452400', '(253)0614141123452400'],
    ['urn:epc:id:cpi:0614141.5PQ7%2FZ43.12345', '06141415PQ7/Z43', '(8010)06141415PQ7/Z43(8011)12345'],
    ['urn:epc:class:lgtin:0614141.812345.L%261', '80614141123458', '(01)80614141123458(10)L&1'],
    ['urn:epc:tag:sgtin-96:3.0614141.812345.6789', '80614141123458', '(01)80614141123458(21)6789'],
  ])('writes %s as GS1 does', (uri, gs1Key, gs1ElementString) => {
    expect(parseEpcUri(uri)).toMatchObject({ ok: true, message: { gs1Key, gs1ElementString } });
  });

  it.each([
    ['urn:epc:id:bic:CSQU3054383', true],
    // TDS's own example: syntax holds, the digit of CSQJ305438 is 6.
    ['urn:epc:id:bic:CSQJ3054381', false],
    // IMO 9074729: 9·7+0·6+7·5+4·4+7·3+2·2 = 139.
    ['urn:epc:id:imovn:9074729', true],
    ['urn:epc:id:imovn:9074728', false],
    ['urn:epc:id:gid:1.2.3', null],
  ])('says of %s whether the check digit holds: %s', (uri, checkDigitOk) => {
    expect(parseEpcUri(uri)).toMatchObject({ ok: true, message: { checkDigitOk } });
  });

  it.each([
    'urn:epc:id:bic:CSQA3054383',
    'urn:epc:id:bic:csqu3054383',
    'urn:epc:id:sgtin-96:3.0614141.812345.6789',
    'urn:epc:class:sgtin:0614141.812345.6789',
    'urn:epc:id:lgtin:0614141.812345.L1',
    'urn:epc:tag:sgtin-96:8.0614141.812345.6789',
    'urn:epc:tag:sgtin-96:3.0614141.812345.06789',
    'urn:epc:tag:sgtin-96:3.0614141.812345.A',
    'urn:epc:tag:sgtin-97:3.0614141.812345.6789',
    'urn:epc:tag:gdti-113:3.0614141.12345.1',
    'urn:epc:tag:giai-96:3.0614141.099',
    'urn:epc:tag:grai-96:3.0614141.12345.274877906944',
    'urn:epc:id:sgtin:0614141.812345.%41',
    'urn:epc:id:sgtin:0614141.812345.a b',
    'urn:epc:id:sgtin:0614141.812345',
    'urn:epc:id:gid:1.2.3.4',
    'urn:epc:id:toString:1',
    'URN:EPC:ID:GID:1.2.3',
    'urn:epc:id:sgtin:0614141.812345.1\n',
  ])('refuses %j', (uri) => {
    expect(parseEpcUri(uri).ok).toBe(false);
  });

  it('names the schemes that can carry an identity, smallest first', () => {
    const encodings = (uri: string) => {
      const parsed = parseEpcUri(uri);
      return parsed.ok ? parsed.message.encodings : [];
    };
    expect(encodings('urn:epc:id:sgtin:0614141.812345.6789')).toEqual(['sgtin-96', 'sgtin-198', 'SGTIN+']);
    expect(encodings('urn:epc:id:sgtin:0614141.812345.06789')).toEqual(['sgtin-198', 'SGTIN+']);
    expect(encodings('urn:epc:id:pgln:0614141.12345')).toEqual([]);
    expect(encodings('urn:epc:id:gid:1.2.3')).toEqual(['gid-96']);
  });
});

describe('what the simulator writes on tags', () => {
  const SEED = { seed: 1744, numRuns: 200 };
  const digitsOf = (count: number) => fc.stringMatching(new RegExp(`^[0-9]{${count}}$`));
  const prefix = fc.integer({ min: 6, max: 12 }).chain(digitsOf);

  it('reads back every GIAI-96', () => {
    fc.assert(
      fc.property(
        prefix,
        fc.bigInt({ min: 0n, max: 2n ** 42n - 1n }),
        fc.nat(7),
        (companyPrefix, reference, filter) => {
          // Partition 0 has 42 bits for the reference: the narrowest.
          const { pc, hex } = encodeGiai96(companyPrefix, String(reference), filter);
          expect(decodeEpc(hex, pc)).toMatchObject({
            ok: true,
            message: { filter, pureIdentityUri: `urn:epc:id:giai:${companyPrefix}.${reference}` },
          });
        },
      ),
      SEED,
    );
  });

  it('reads back every GRAI-96', () => {
    const asset = prefix.chain((p) => fc.tuple(fc.constant(p), digitsOf(12 - p.length)));
    fc.assert(
      fc.property(asset, fc.integer({ min: 0, max: 2 ** 38 - 1 }), ([companyPrefix, type], serial) => {
        const { pc, hex } = encodeGrai96(companyPrefix, type, String(serial));
        expect(decodeEpc(hex, pc)).toMatchObject({
          ok: true,
          message: { pureIdentityUri: `urn:epc:id:grai:${companyPrefix}.${type}.${serial}` },
        });
      }),
      SEED,
    );
  });

  it('reads back every container number', () => {
    const number = fc.tuple(fc.stringMatching(/^[A-Z]{3}[UJZ]$/), digitsOf(7)).map((parts) => parts.join(''));
    fc.assert(
      fc.property(number, (container) => {
        const { pc, hex } = encodeIso17363(container);
        const checkDigitOk = containerCheckDigit(container) === Number(container.charAt(10));
        expect(decodeEpc(hex, pc)).toMatchObject({ ok: true, message: { container, checkDigitOk } });
        expect(decodeEpc(hex)).toMatchObject({ ok: true, message: { container, inferred: true } });
      }),
      SEED,
    );
  });

  it('throws rather than write what does not fit', () => {
    expect(() => encodeGiai96('061414', '01')).toThrow(expect.objectContaining({ code: 'INVALID_INPUT' }));
    expect(() => encodeGiai96('061414112345', String(2n ** 42n))).toThrow(
      expect.objectContaining({ code: 'INVALID_INPUT' }),
    );
    expect(() => encodeGrai96('0614141', '1234', '1')).toThrow(expect.objectContaining({ code: 'INVALID_INPUT' }));
    expect(() => encodeIso17363('CSQU305438')).toThrow(expect.objectContaining({ code: 'INVALID_CONTAINER_NUMBER' }));
  });
});

describe('noise', () => {
  const HEADERS = [
    0x2c, 0x2d, 0x2e, 0x2f, 0x30, 0x31, 0x32, 0x33, 0x34, 0x35, 0x36, 0x37, 0x38, 0x39, 0x3a, 0x3b, 0x3c, 0x3d, 0x3e,
    0x3f, 0x40, 0x41, 0xf0, 0xf1, 0xf2, 0xf3, 0xf4, 0xf5, 0xf6, 0xf7, 0xf8, 0xf9, 0xfa, 0xfb, 0xcb, 0xdc,
  ];
  const body = fc.uint8Array({ minLength: 0, maxLength: 30 }).map((bytes) => Buffer.from(bytes).toString('hex'));
  const header = fc.constantFrom(...HEADERS).map((value) => value.toString(16).toUpperCase());

  it('never throws on random hex, and what it reads is valid and encodes again', () => {
    fc.assert(
      fc.property(header, body, (head, tail) => {
        const parsed = decodeEpc(head + tail);
        if (parsed.ok && parsed.message.kind === 'epc') {
          const { tagUri, pureIdentityUri } = parsed.message;
          expect(parseEpcUri(tagUri).ok).toBe(true);
          expect(parseEpcUri(pureIdentityUri).ok).toBe(true);
          const again = encodeEpc(tagUri);
          expect(again.ok && decodeEpc(again.message.hex, again.message.pc)).toEqual(parsed);
        }
      }),
      { seed: 2300, numRuns: 3000 },
    );
  });

  it('never throws on random text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 40 }), fc.string({ maxLength: 5 }), (text, pc) => {
        expect(typeof decodeEpc(text, pc).ok).toBe('boolean');
        expect(typeof parseEpcUri(`urn:epc:id:sgtin:${text}`).ok).toBe('boolean');
        expect(typeof decodeIdentifier('epc', text).ok).toBe('boolean');
      }),
      { seed: 2301, numRuns: 300 },
    );
  });

  it('never takes one flipped bit of a vector for the same identity', () => {
    const rows = ofProtocol('epc-tds').filter((v) => v.expect['valid'] !== false && (v.hex ?? '').length === 24);
    const taken: string[] = [];
    for (const { hex = '' } of rows) {
      const before = decodeEpc(hex);
      for (let bit = 0; bit < 96; bit += 1) {
        const flipped = (BigInt(`0x${hex}`) ^ (1n << BigInt(bit))).toString(16).padStart(24, '0');
        const after = decodeEpc(flipped);
        if (after.ok && JSON.stringify(after) === JSON.stringify(before)) {
          taken.push(`${hex} bit ${bit}`);
        }
      }
    }
    expect(rows.length).toBeGreaterThan(30);
    expect(taken).toEqual([]);
  });
});
