import { createHash, createPrivateKey, sign, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { addMember, drawEnrolment, keyFingerprint, tokenHash, type Role, type Vault } from '#libs/identity';
import { derivedId } from '#libs/kernel';
import type { Database, Tx } from '#libs/persistence';
import { globalId } from '../../apps/server/src/api/shared/global-id.js';
import { drawCode } from '../../libs/identity/src/sign-in/one-time-codes.js';

const vectors = JSON.parse(
  readFileSync(new URL('../../fixtures/vectors/certificates.json', import.meta.url), 'utf8'),
) as Record<'authorities' | 'people', Record<'rsa', { readonly certificate: string; readonly key: string }>>;

/** Within the certificates' time. */
export const SWEEP_TIME = Date.parse('2026-12-01T00:00:00Z');
export const AUTHORITIES = [new X509Certificate(vectors.authorities.rsa.certificate)];

const uuid = (...words: readonly string[]): string => derivedId('sweep', ...words);
const company = (side: string): string => uuid('organisation', 'LOGISTICS_COMPANY', side);
const organisation = (side: string): string => globalId('Organisation', company(side));
/** References of people are ids that name no node. */
const person = (...words: readonly string[]): string => globalId('Person', uuid('person', ...words));

/** Credentials of a side: a service account with a token, a session, and a colleague of whom nobody is told by name. */
export const plantedCredentials = (side: string) => ({
  service: `service-${side}`,
  token: `token-${side}`,
  colleague: `Colleague ${side}`,
  ids: {
    service: uuid('service', side),
    token: uuid('token', side),
    session: uuid('session', side),
  },
});

/** @returns the colleague's reference */
export async function plantCredentials(tx: Tx, vault: Vault, side: string): Promise<string> {
  const { service, token, colleague, ids } = plantedCredentials(side);
  await tx.query(`INSERT INTO service_account VALUES ($1, $2, 'LOGISTICS', $3, $4)`, [
    ids.service,
    company(side),
    service,
    uuid('person', 'COMPANY_ADMINISTRATOR', side),
  ]);
  await tx.query(
    `INSERT INTO access_token (id, token_hash, service_account_id, organisation_id, role, name) VALUES ($1, $2, $3, $4, 'LOGISTICS', $5)`,
    [ids.token, tokenHash(`token of ${side}`), ids.service, company(side), token],
  );
  await tx.query(
    `INSERT INTO session (id, token_hash, person_id, organisation_id, role, method, ends_at)
     VALUES ($1, $2, $3, $4, 'LOGISTICS', 'PASSWORD', now() + interval '1 hour')`,
    [ids.session, tokenHash(`session of ${side}`), uuid('person', 'LOGISTICS', side), company(side)],
  );
  return addMember(tx, vault, {
    organisationId: company(side),
    role: 'LOGISTICS',
    data: { DISPLAY_NAME: colleague },
  });
}

/** Of one side's administrator, and of whoever administers security for both. */
const ADMINISTRATION = {
  own: ['COMPANY_ADMINISTRATOR'],
  anySide: ['SECURITY_ADMINISTRATOR'],
} as const satisfies Readonly<Record<string, readonly Role[]>>;

/** What is told of credentials, and to whom. */
export const CREDENTIAL_SECRETS = {
  service: {
    word: (side: string) => plantedCredentials(side).service,
    own: ['COMPANY_ADMINISTRATOR', 'SECURITY_ADMINISTRATOR'],
    other: ['SECURITY_ADMINISTRATOR'],
  },
  token: {
    word: (side: string) => plantedCredentials(side).token,
    own: ['COMPANY_ADMINISTRATOR', 'SECURITY_ADMINISTRATOR'],
    other: ['SECURITY_ADMINISTRATOR'],
  },
  session: {
    word: (side: string) => plantedCredentials(side).ids.session,
    own: ['LOGISTICS', 'SECURITY_ADMINISTRATOR'],
    other: ['SECURITY_ADMINISTRATOR'],
  },
  colleague: { word: (side: string) => plantedCredentials(side).colleague, own: [] },
} as const satisfies Readonly<
  Record<
    string,
    { readonly word: (side: string) => string; readonly own: readonly Role[]; readonly other?: readonly Role[] }
  >
>;

export const sessionsOf = (side: string): string => `(person: "${person('LOGISTICS', side)}")`;

/** @param colleagues references by side, in which each of these deeds is aimed at one */
export const credentialDeeds = (colleagues: ReadonlyMap<string, string>) => {
  const colleague = (side: string) => ({ person: globalId('Person', colleagues.get(side) ?? '') });
  return {
    createServiceAccount: {
      text: `mutation ($input: CreateServiceAccountInput!, $key: IdempotencyKey!) { createServiceAccount(input: $input, idempotencyKey: $key) { serviceAccount { id } } }`,
      variables: (side: string) => ({
        input: { name: 'another', role: 'LOGISTICS', organisation: organisation(side) },
      }),
      ...ADMINISTRATION,
    },
    createApiToken: {
      text: `mutation ($input: CreateApiTokenInput!, $key: IdempotencyKey!) { createApiToken(input: $input, idempotencyKey: $key) { token } }`,
      variables: (side: string) => ({
        input: {
          name: 'another',
          scopes: ['READ'],
          expiresAt: new Date(Date.now() + 86_400_000).toISOString(),
          serviceAccount: plantedCredentials(side).ids.service,
        },
      }),
      ...ADMINISTRATION,
    },
    revokeApiToken: {
      text: `mutation ($id: ID!, $key: IdempotencyKey!) { revokeApiToken(id: $id, idempotencyKey: $key) { apiToken { revokedAt } } }`,
      variables: (side: string) => ({ id: plantedCredentials(side).ids.token }),
      ...ADMINISTRATION,
    },
    closeServiceAccount: {
      text: `mutation ($id: ID!, $key: IdempotencyKey!) { closeServiceAccount(id: $id, idempotencyKey: $key) { serviceAccount { closedAt } } }`,
      variables: (side: string) => ({ id: plantedCredentials(side).ids.service }),
      ...ADMINISTRATION,
    },
    addPerson: {
      text: `mutation ($input: AddPersonInput!, $key: IdempotencyKey!) { addPerson(input: $input, idempotencyKey: $key) { code } }`,
      variables: (side: string) => ({
        input: { displayName: 'Another', role: 'LOGISTICS', organisation: organisation(side) },
      }),
      ...ADMINISTRATION,
    },
    changePerson: {
      text: `mutation ($person: ID!, $input: ChangePersonInput!, $key: IdempotencyKey!) { changePerson(person: $person, input: $input, idempotencyKey: $key) { personId } }`,
      variables: (side: string) => ({ ...colleague(side), input: { displayName: 'Renamed' } }),
      ...ADMINISTRATION,
    },
    resetCredentials: {
      text: `mutation ($person: ID!, $key: IdempotencyKey!) { resetCredentials(person: $person, idempotencyKey: $key) { code } }`,
      variables: colleague,
      ...ADMINISTRATION,
    },
    erasePerson: {
      text: `mutation ($person: ID!, $key: IdempotencyKey!) { erasePerson(person: $person, idempotencyKey: $key) { personId } }`,
      variables: colleague,
      own: [],
      anySide: ['SECURITY_ADMINISTRATOR'],
    },
    revokeSession: {
      text: `mutation ($id: ID!, $key: IdempotencyKey!) { revokeSession(id: $id, idempotencyKey: $key) { ended } }`,
      variables: (side: string) => ({ id: plantedCredentials(side).ids.session }),
      own: ['LOGISTICS'],
      alsoMay: ({ role }: { readonly role: Role }) => role === 'SECURITY_ADMINISTRATOR',
    },
    revokeSessions: {
      text: `mutation ($person: ID!, $key: IdempotencyKey!) { revokeSessions(person: $person, idempotencyKey: $key) { ended } }`,
      variables: (side: string) => ({ person: person('LOGISTICS', side) }),
      own: ['LOGISTICS'],
      anySide: ['SECURITY_ADMINISTRATOR'],
    },
  } as const satisfies Readonly<Record<string, object>>;
};

const SESSION = '{ token role organisationId }';

/** What anybody asks who has not said who they are, and the proof that is none. */
export const PROOFS: Readonly<Record<string, { readonly text: string; readonly wrong: object }>> = {
  enrol: {
    text: `mutation ($input: EnrolInput!) { enrol(input: $input) ${SESSION} }`,
    wrong: { input: { code: 'bxe_wrong', password: 'wharf lantern copper 7' } },
  },
  signIn: {
    text: `mutation ($input: SignInInput!) { signIn(input: $input) ${SESSION} }`,
    wrong: { input: { loginName: 'sweep', password: 'another lantern copper 7' } },
  },
  requestPhoneCode: {
    text: `mutation ($phone: String!) { requestPhoneCode(phone: $phone) { expiresAt } }`,
    wrong: { phone: 'no number' },
  },
  signInByPhone: {
    text: `mutation ($phone: String!, $code: String!) { signInByPhone(phone: $phone, code: $code) ${SESSION} }`,
    wrong: { phone: '+8613800000001', code: '000000' },
  },
  requestCertificateNonce: { text: 'mutation { requestCertificateNonce { nonce } }', wrong: {} },
  signInByCertificate: {
    text: `mutation ($input: SignInByCertificateInput!) { signInByCertificate(input: $input) ${SESSION} }`,
    wrong: { input: { certificate: vectors.people.rsa.certificate, nonce: 'bxn_wrong', signature: 'AAAA' } },
  },
  redeemSignIn: {
    text: `mutation ($code: String!) { redeemSignIn(code: $code) ${SESSION} }`,
    wrong: { code: 'bxh_wrong' },
  },
};

/** What is of a session alone. */
export const IN_SESSION: Readonly<Record<string, { readonly text: string; readonly wrong: object }>> = {
  switchMembership: {
    text: 'mutation ($organisation: ID!, $role: Role!) { switchMembership(organisation: $organisation, role: $role) }',
    wrong: { organisation: organisation('far'), role: 'LOGISTICS' },
  },
  offerSecondFactor: { text: 'mutation { offerSecondFactor { secret } }', wrong: {} },
  confirmSecondFactor: {
    text: `mutation ($code: String!) { confirmSecondFactor(code: $code) { session ${SESSION} } }`,
    wrong: { code: '000000' },
  },
  verifySecondFactor: {
    text: `mutation ($code: String!) { verifySecondFactor(code: $code) ${SESSION} }`,
    wrong: { code: '000000' },
  },
  changePassword: {
    text: 'mutation ($present: String!, $next: String!) { changePassword(present: $present, next: $next) }',
    wrong: { present: 'another lantern copper 7', next: 'tidal crane amber 4 mile' },
  },
  signOut: { text: 'mutation { signOut }', wrong: {} },
};

export const SWEEP_PASSWORD = 'wharf lantern copper 7';
export const SWEEP_PHONE = '+8613800000001';
/** What the sweep's browser keeps in the cookie `boxtrail_hand_over`. */
export const SWEEP_BROWSER = 'the-browser-of-the-sweep';

/** Somebody of the near company who signs in each way: what they need that is not drawn by asking. */
export async function plantSigner(
  database: Database,
  vault: Vault,
  role: Role,
): Promise<{ readonly organisation: string; readonly enrolment: string; readonly handOver: string }> {
  return database.write(async (tx) => {
    const personId = await addMember(tx, vault, {
      organisationId: company('near'),
      role,
      data: {
        DISPLAY_NAME: 'Sweep',
        LOGIN_NAME: 'sweep',
        PHONE: SWEEP_PHONE,
        CERTIFICATE: keyFingerprint(new X509Certificate(vectors.people.rsa.certificate)),
      },
    });
    const { code: enrolment } = await drawEnrolment(tx, personId);
    const browser = createHash('sha256').update(SWEEP_BROWSER).digest('base64url');
    const details = { browser, hasShownTwoFactors: false };
    const { code: handOver } = await drawCode(tx, 'HAND_OVER', { personId, details });
    return { organisation: organisation('near'), enrolment, handOver };
  });
}

/** What the signer's USB key makes of a nonce. */
export const signedNonce = (nonce: string) => ({
  input: {
    certificate: vectors.people.rsa.certificate,
    nonce,
    signature: sign(
      'sha256',
      Buffer.from(`Boxtrail sign-in\n${nonce}`),
      createPrivateKey(vectors.people.rsa.key),
    ).toString('base64'),
  },
});
