import { readFileSync } from 'node:fs';
import type { X509Certificate } from 'node:crypto';
import { DomainError, systemClock, type Clock } from '#libs/kernel';
import { isSignature, issuerOf, keyFingerprint, parseCertificate } from '../cryptography/certificates.js';
import { revocationFault } from '../cryptography/revocation-lists.js';
import { indexOf } from '../personal-data.js';
import { addressSubjects, forgive, reserveAttempt } from './attempts.js';
import { drawCode, takeCode, type DrawnCode } from './one-time-codes.js';
import type { RevocationFile } from './revocation-file.js';
import { beginSession, type NewSession } from './sessions.js';
import type { SignInParts } from './sign-in.js';

/** Stands before the nonce in what is signed, so that nobody is led to sign anything else that way. */
const SIGNED_HEAD = 'Boxtrail sign-in\n';

/** RSA with 4096 bits gives 512 bytes. */
const MOST_SIGNATURE_BYTES = 1_024;

const PEM = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/**
 * The authorities of a PEM file; each is trusted by itself, so intermediate ones are listed too.
 * @throws DomainError INVALID_CONFIG
 */
export function readAuthorities(path: string): readonly X509Certificate[] {
  const found = (readFileSync(path, 'utf8').match(PEM) ?? []).map(parseCertificate);
  const authorities = found.filter((certificate) => certificate?.ca === true) as X509Certificate[];
  if (authorities.length === 0 || authorities.length < found.length) {
    throw new DomainError('INVALID_CONFIG', {
      field: 'BOXTRAIL_CA_CERTIFICATES',
      value: path,
      expected: 'certificates of authorities in PEM, and no others',
    });
  }
  return authorities;
}

export interface CertificateProof {
  /** PEM. */
  readonly certificate: string;
  readonly nonce: string;
  /** Over `Boxtrail sign-in`, a line's end and the nonce; base64. */
  readonly signature: string;
}

/** Sign-in by a certificate whose key stands on a USB key: the key signs a nonce of ours. */
export class CertificateSignIn {
  /**
   * @param authorities empty: none is configured
   * @param revocations null: nobody looks whether a certificate was revoked
   */
  constructor(
    private readonly parts: SignInParts,
    private readonly authorities: readonly X509Certificate[],
    private readonly revocations: RevocationFile | null = null,
    private readonly clock: Clock = systemClock,
  ) {}

  /** @throws DomainError UNAVAILABLE without authorities, RATE_LIMITED */
  async nonce(address: string | null): Promise<DrawnCode> {
    this.refuseUnconfigured();
    const { database, vault } = this.parts;
    return database.write(async (tx) => {
      await reserveAttempt(tx, addressSubjects(vault, address));
      return drawCode(tx, 'CERTIFICATE_NONCE');
    });
  }

  /** @throws DomainError UNAVAILABLE without authorities, SIGN_IN_REFUSED with `details.expected` for what is not right with the certificate */
  async signIn({ certificate: pem, nonce, signature }: CertificateProof, address: string | null): Promise<NewSession> {
    this.refuseUnconfigured();
    const { database, vault } = this.parts;
    // Whatever comes of it, the nonce is used.
    await database.write((tx) => takeCode(tx, 'CERTIFICATE_NONCE', nonce));
    const certificate = parseCertificate(pem);
    if (certificate === null) throw refused('a certificate in PEM');
    const fault = this.faultOf(certificate);
    if (fault !== null) throw refused(`another certificate: ${fault}`);
    const bytes = Buffer.from(signature.slice(0, MOST_SIGNATURE_BYTES * 2), 'base64');
    if (!isSignature(certificate, Buffer.from(`${SIGNED_HEAD}${nonce}`), bytes))
      throw refused('a signature of its key');
    const index = indexOf(vault, 'CERTIFICATE', keyFingerprint(certificate));
    return database.write(async (tx) => {
      const [holder] = await tx.query<{ person_id: string }>(
        `SELECT person_id FROM personal_datum WHERE kind = 'CERTIFICATE' AND blind_index = $1`,
        [index],
      );
      if (holder === undefined) throw new DomainError('SIGN_IN_REFUSED');
      await forgive(tx, addressSubjects(vault, address));
      return beginSession(tx, vault, { personId: holder.person_id, method: 'CERTIFICATE', address });
    });
  }

  private faultOf(certificate: X509Certificate): string | null {
    const now = this.clock.now();
    const issuer = issuerOf(certificate, this.authorities, now);
    if (typeof issuer === 'string') return issuer;
    return this.revocations === null ? null : revocationFault(certificate, issuer, this.revocations.current(), now);
  }

  private refuseUnconfigured(): void {
    if (this.authorities.length === 0) throw new DomainError('UNAVAILABLE', { part: 'authorities of certificates' });
  }
}

function refused(expected: string): DomainError {
  return new DomainError('SIGN_IN_REFUSED', { field: 'input', expected });
}
