import {
  addMember,
  drawEnrolment,
  issueToken,
  platformOperator,
  Vault,
  type PersonalData,
  type Role,
} from '#libs/identity';
import { createLogger, ManualClock, newId } from '#libs/kernel';
import { Database } from '#libs/persistence';
import { Client } from 'pg';
import type { CredentialOptions } from '../../apps/server/src/credentials.js';
import { BoxtrailServer } from '../../apps/server/src/server.js';
import { hotp, totpStep } from '../../libs/identity/src/totp.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { buildWorld, ORGANISATIONS, type Tokens } from './graphql-world.js';

export interface Answer {
  readonly data?: Readonly<Record<string, never>> | null;
  readonly errors?: readonly {
    readonly extensions: { readonly code: string; readonly details: Record<string, unknown> };
  }[];
}

export interface SignedIn {
  readonly token: string;
  readonly secondFactor: string;
  readonly role: string;
  readonly organisationId: string;
  readonly memberships: readonly { readonly organisationId: string; readonly role: string }[];
}

const SIGNED_IN = 'token secondFactor role organisationId endsAt memberships { organisationId role }';

/** Passwords of the spec: long, and of many characters. */
export const PASSWORD = 'wharf lantern copper 7';
export const OTHER_PASSWORD = 'tidal crane amber 4 mile';

/** A service with a vault of its own over real HTTP, and people who prove who they are to it. */
export class CredentialsWorld {
  private constructor(
    private readonly store: TestDatabase,
    readonly database: Database,
    /** In the owner's rights, to look behind and to let time pass. */
    readonly owner: Client,
    readonly vault: Vault,
    readonly clock: ManualClock,
    readonly tokens: Tokens,
    readonly server: BoxtrailServer,
    readonly url: string,
  ) {}

  static async open(
    options: Omit<CredentialOptions, 'vault' | 'clock'> = {},
    vault = Vault.unkept(),
    port = 0,
    trustedProxies: readonly string[] = [],
  ): Promise<CredentialsWorld> {
    const store = await createTestDatabase();
    const database = new Database({ app: store.appUrl, ingest: store.ingestUrl });
    const tokens = await buildWorld(database);
    const owner = new Client({ connectionString: store.ownerUrl });
    await owner.connect();
    const clock = new ManualClock(Date.now());
    const server = await BoxtrailServer.create({
      database,
      logger: createLogger('spec', 'silent'),
      credentials: { ...options, vault, clock },
      trustedProxies,
    });
    return new CredentialsWorld(
      store,
      database,
      owner,
      vault,
      clock,
      tokens,
      server,
      await server.listen(port, '127.0.0.1'),
    );
  }

  async close(): Promise<void> {
    await this.server.close();
    await this.database.close();
    await this.owner.end();
    await this.store.drop();
  }

  async ask(token: string | null, query: string, variables: Record<string, unknown> = {}): Promise<Answer> {
    const answer = await fetch(`${this.url}/graphql`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'x-case-number': 'SPEC-0001',
        ...(token === null ? {} : { authorization: `Bearer ${token}` }),
      },
      body: JSON.stringify({ query, variables }),
    });
    return (await answer.json()) as Answer;
  }

  /** What one operation answers; a refusal fails the spec. */
  async get<T>(token: string | null, query: string, variables: Record<string, unknown> = {}): Promise<T> {
    const { data, errors } = await this.ask(token, query, variables);
    if (errors !== undefined) throw new Error(JSON.stringify(errors));
    return Object.values(data ?? {})[0] as T;
  }

  /** The code of the refusal; undefined for what is done. */
  async refusal(
    token: string | null,
    query: string,
    variables: Record<string, unknown> = {},
  ): Promise<string | undefined> {
    return (await this.ask(token, query, variables)).errors?.[0]?.extensions.code;
  }

  /** @returns reference and enrolment code */
  async add(
    organisationId: string,
    role: Role,
    data: PersonalData & { readonly DISPLAY_NAME: string },
  ): Promise<{ readonly personId: string; readonly code: string }> {
    return this.database.write(async (tx) => {
      const personId = await addMember(tx, this.vault, { organisationId, role, data });
      return { personId, code: (await drawEnrolment(tx, personId)).code };
    });
  }

  /** A person with a password, who has not signed in. */
  async addWithPassword(
    organisationId: string,
    role: Role,
    loginName: string,
    more: PersonalData = {},
  ): Promise<{ readonly personId: string }> {
    const { personId, code } = await this.add(organisationId, role, {
      DISPLAY_NAME: `Name of ${loginName}`,
      LOGIN_NAME: loginName,
      ...more,
    });
    const { token } = await this.enrol(code);
    await this.get(token, 'mutation { signOut }');
    return { personId };
  }

  enrol(code: string, loginName?: string, password = PASSWORD): Promise<SignedIn> {
    return this.get(null, `mutation ($input: EnrolInput!) { enrol(input: $input) { ${SIGNED_IN} } }`, {
      input: { code, password, loginName },
    });
  }

  trySignIn(loginName: string, password = PASSWORD): Promise<Answer> {
    return this.ask(null, `mutation ($input: SignInInput!) { signIn(input: $input) { ${SIGNED_IN} } }`, {
      input: { loginName, password },
    });
  }

  async signIn(loginName: string, password = PASSWORD): Promise<SignedIn> {
    const { data, errors } = await this.trySignIn(loginName, password);
    if (errors !== undefined) throw new Error(JSON.stringify(errors));
    return (data as unknown as { signIn: SignedIn }).signIn;
  }

  /** The code that an authenticator with this secret shows, steps of 30 s away from now. */
  codeOf(secret: string, steps = 0): string {
    return codeOfAuthenticator(secret, this.clock.now(), steps);
  }

  /** Enrols a second factor in a session. */
  async withFactor(
    token: string,
  ): Promise<{ readonly token: string; readonly secret: string; readonly recoveryCodes: string[] }> {
    const { secret } = await this.get<{ secret: string }>(token, 'mutation { offerSecondFactor { secret uri } }');
    const { recoveryCodes, session } = await this.get<{ recoveryCodes: string[]; session: SignedIn }>(
      token,
      `mutation ($code: String!) { confirmSecondFactor(code: $code) { recoveryCodes session { ${SIGNED_IN} } } }`,
      { code: this.codeOf(secret) },
    );
    this.clock.advance(60_000);
    return { token: session.token, secret, recoveryCodes };
  }

  /** A session of a security administrator who has shown a second factor. */
  async securityAdministrator(): Promise<string> {
    const code = await this.database.write((tx) => platformOperator(tx));
    const { rows } = await this.owner.query<{ id: string }>('SELECT id FROM organisation WHERE code = $1', [code]);
    const loginName = `security ${newId()}`;
    const { code: enrolment } = await this.add(rows[0]?.id ?? '', 'SECURITY_ADMINISTRATOR', {
      DISPLAY_NAME: 'Security',
      LOGIN_NAME: loginName,
    });
    const { token } = await this.enrol(enrolment);
    return (await this.withFactor(token)).token;
  }

  /** An API token of a company's administrator. */
  async companyAdministrator(organisationId: string = ORGANISATIONS.tidewell): Promise<string> {
    const { personId } = await this.add(organisationId, 'COMPANY_ADMINISTRATOR', { DISPLAY_NAME: 'Administrator' });
    return this.database.write((tx) => issueToken(tx, { personId, organisationId, role: 'COMPANY_ADMINISTRATOR' }));
  }

  counted(name: 'passwordsVerified'): Promise<number> {
    return this.server.metrics[name].get().then(({ values }) => values[0]?.value ?? 0);
  }

  async rows<R extends object>(sql: string, values: unknown[] = []): Promise<R[]> {
    return (await this.owner.query(sql, values)).rows as R[];
  }
}

export function codeOfAuthenticator(secret: string, at: number, steps = 0): string {
  return hotp(fromBase32(secret), totpStep(at) + steps);
}

function fromBase32(text: string): Buffer {
  const bits = [...text]
    .map((letter) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(letter).toString(2).padStart(5, '0'))
    .join('');
  return Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)));
}
