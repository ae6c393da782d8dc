import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createHmac,
  randomBytes,
  timingSafeEqual,
  type CipherGCMTypes,
} from 'node:crypto';

export type SuiteName = 'INTERNATIONAL' | 'NATIONAL';

/** What the rest of the room asks of cryptography. Keys have 32 bytes; `bound` is what a sealed text belongs to, kept elsewhere. */
export interface Cryptography {
  readonly name: SuiteName;
  /** 32 bytes. */
  digest(text: string | Uint8Array): Buffer;
  /** 32 bytes. */
  mac(key: Uint8Array, text: string | Uint8Array): Buffer;
  /** A text that nobody reads or changes without the key; no two are alike. */
  seal(key: Uint8Array, text: Uint8Array, bound: string): Buffer;
  /** null for what was not sealed with this key and for this `bound`. */
  open(key: Uint8Array, sealed: Uint8Array, bound: string): Buffer | null;
}

/** NIST SP 800-38D, 5.2.1.1: 96 bits of nonce, 128 of tag. */
const GCM: CipherGCMTypes = 'aes-256-gcm';
const GCM_NONCE_BYTES = 12;
const GCM_TAG_BYTES = 16;

const international: Cryptography = {
  name: 'INTERNATIONAL',
  digest: (text) => createHash('sha256').update(text).digest(),
  mac: (key, text) => createHmac('sha256', key).update(text).digest(),
  /** nonce, ciphertext, tag */
  seal(key, text, bound) {
    const nonce = randomBytes(GCM_NONCE_BYTES);
    const cipher = createCipheriv(GCM, key, nonce).setAAD(Buffer.from(bound));
    return Buffer.concat([nonce, cipher.update(text), cipher.final(), cipher.getAuthTag()]);
  },
  open(key, sealed, bound) {
    if (sealed.length < GCM_NONCE_BYTES + GCM_TAG_BYTES) return null;
    const decipher = createDecipheriv(GCM, key, sealed.subarray(0, GCM_NONCE_BYTES), { authTagLength: GCM_TAG_BYTES })
      .setAAD(Buffer.from(bound))
      .setAuthTag(sealed.subarray(-GCM_TAG_BYTES));
    const text = decipher.update(sealed.subarray(GCM_NONCE_BYTES, -GCM_TAG_BYTES));
    try {
      return Buffer.concat([text, decipher.final()]);
    } catch {
      // final() has this one way to say that the tag is wrong
      return null;
    }
  },
};

/** GB/T 32907: blocks and keys of 128 bits. */
const SM4_KEY_BYTES = 16;
const SM4_COUNTER_BYTES = 16;
const SM3_BYTES = 32;

/** OpenSSL 3.0, which Node 20 holds, has no SM4-GCM: the counter mode, and HMAC-SM3 over what it gives (encrypt, then MAC). */
const national: Cryptography = {
  name: 'NATIONAL',
  // GB/T 32905
  digest: (text) => createHash('sm3').update(text).digest(),
  mac: (key, text) => createHmac('sm3', key).update(text).digest(),
  /** first counter, ciphertext, MAC */
  seal(key, text, bound) {
    const counter = randomBytes(SM4_COUNTER_BYTES);
    const cipher = createCipheriv('sm4-ctr', sm4Key(key), counter);
    const body = Buffer.concat([counter, cipher.update(text), cipher.final()]);
    return Buffer.concat([body, sm4Mac(key, body, bound)]);
  },
  open(key, sealed, bound) {
    if (sealed.length < SM4_COUNTER_BYTES + SM3_BYTES) return null;
    const body = sealed.subarray(0, -SM3_BYTES);
    if (!timingSafeEqual(sm4Mac(key, body, bound), sealed.subarray(-SM3_BYTES))) return null;
    const decipher = createDecipheriv('sm4-ctr', sm4Key(key), body.subarray(0, SM4_COUNTER_BYTES));
    return Buffer.concat([decipher.update(body.subarray(SM4_COUNTER_BYTES)), decipher.final()]);
  },
};

const sm4Key = (key: Uint8Array): Buffer => national.mac(key, 'SM4-CTR').subarray(0, SM4_KEY_BYTES);

/** The length keeps `bound` and body apart. */
const sm4Mac = (key: Uint8Array, body: Uint8Array, bound: string): Buffer =>
  national.mac(
    national.mac(key, 'HMAC-SM3'),
    Buffer.concat([Buffer.from(`${Buffer.byteLength(bound)}:${bound}`), body]),
  );

/** Which the law of the place asks for: GM/T 0115 (SM2, SM3, SM4), or everybody else's. */
export const SUITES: Readonly<Record<SuiteName, Cryptography>> = { INTERNATIONAL: international, NATIONAL: national };

export const SUITE_NAMES = Object.keys(SUITES) as readonly SuiteName[];
