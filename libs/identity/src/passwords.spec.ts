import { hashRaw } from '@node-rs/argon2';
import { describe, expect, it } from '@jest/globals';
import { isOutdated, Passwords, refuseWeakPassword } from './passwords.js';

describe('a password', () => {
  it('is hashed by the Argon2id of the reference implementation', async () => {
    // phc-winner-argon2, src/test.c: version 0x13, t=2, m=2^16, p=1, "password", "somesalt"
    const options = { algorithm: 2, memoryCost: 65_536, timeCost: 2, parallelism: 1, salt: Buffer.from('somesalt') };
    expect((await hashRaw('password', options)).toString('hex')).toBe(
      '09316115d5cf24ed5a15a31a3ba326e5cf32edc24702987c02b6566f61913cf7',
    );
  });

  it('is verified however a keyboard composed its letters, and no other is', async () => {
    const passwords = new Passwords();
    const kept = await passwords.hash('Zürich, Ångström');
    expect(kept).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    expect(await passwords.verify(kept, 'Zürich, Ångström'.normalize('NFD'))).toBe(true);
    expect(await passwords.verify(kept, 'Zurich, Angstrom')).toBe(false);
  });

  it('costs as much to refuse to somebody without one', async () => {
    let verified = 0;
    const passwords = new Passwords(() => (verified += 1));
    expect(await passwords.verify(null, 'whatever')).toBe(false);
    expect(await passwords.verify(await passwords.hash('x'), 'whatever')).toBe(false);
    expect(verified).toBe(2);
  });

  it('is hashed again when it was hashed with other parameters', async () => {
    expect(isOutdated(await new Passwords().hash('x'))).toBe(false);
    expect(isOutdated('$argon2id$v=19$m=4096,t=3,p=1$c29tZXNhbHQ$x')).toBe(true);
  });

  it('waits with 31 others at most, and asks whoever comes then to come again', async () => {
    const passwords = new Passwords();
    const answers = await Promise.allSettled(Array.from({ length: 40 }, () => passwords.verify(null, 'x')));
    const refused = answers.filter(({ status }) => status === 'rejected');
    expect(refused).toHaveLength(8);
    expect(refused[0]).toMatchObject({ reason: { code: 'RATE_LIMITED', details: { retryAfterSeconds: 1 } } });
    expect(await passwords.verify(null, 'x')).toBe(false);
  });
});

describe('a weak password', () => {
  const refused = (password: string, names: string[] = []): boolean => {
    try {
      refuseWeakPassword('password', password, names);
      return false;
    } catch (error) {
      // Never with the password: details reach logs and screens.
      expect(JSON.stringify(error)).not.toContain(password);
      return true;
    }
  };

  it.each([
    ['fourteen chars', 'abcdef ghijkl1'],
    ['too long', 'correct horse '.repeat(10)],
    ['few characters', 'aabbaabbaabbaabbaa'],
    ['one word again and again', 'harbour1harbour1'],
    ['a row of digits', '123456789012345'],
    ['a row of keys backwards', 'mnbvcxzlkjhgfdsa'],
    ['the login name', 'Li.Wei and no more'],
  ])('is refused: %s', (_, password) => {
    expect(refused(password, ['li.wei'])).toBe(true);
  });

  it.each([
    'wharf lantern copper 7',
    '潮汐港口集装箱卡车司机闸口航海日',
    'x'.repeat(3) + 'abcdefgh 12 ij',
    'A1!'.repeat(4) + 'bcdefgh',
  ])('is not: %s', (password) => {
    expect(refused(password, ['li.wei'])).toBe(false);
  });
});
