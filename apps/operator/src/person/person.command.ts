import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import {
  addMember,
  drawEnrolment,
  keyFingerprint,
  oidcSubject,
  organisationFor,
  parseCertificate,
  personNamed,
  resetCredentials,
  type PersonalData,
} from '#libs/identity';
import { stateDirOf } from '../project.js';
import { recordingSealed } from '../recording.js';
import { organisationOf, required, roleOf } from '../role-words.js';
import { UsageError } from '../usage-error.js';

const text = { type: 'string' } as const;

/** `person add | reset`; the code to enrol with is the only word on standard output. */
export async function person(args: readonly string[]): Promise<number> {
  const [word, ...rest] = args;
  switch (word) {
    case 'add':
      return await add(rest);
    case 'reset':
      return await reset(rest);
    default:
      throw new UsageError(word === undefined ? 'say what to do' : `person knows no "${word}"`);
  }
}

async function add(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      role: text,
      organisation: text,
      name: text,
      login: text,
      phone: text,
      email: text,
      certificate: text,
      'oidc-issuer': text,
      'oidc-subject': text,
    },
  });
  const role = roleOf(required('role', values.role));
  const displayName = required('name', values.name);
  const organisationCode = organisationOf(role, values.organisation);
  const data: PersonalData = {
    ...(values.login === undefined ? {} : { LOGIN_NAME: values.login }),
    ...(values.phone === undefined ? {} : { PHONE: values.phone }),
    ...(values.email === undefined ? {} : { E_MAIL: values.email }),
    ...(values.certificate === undefined ? {} : { CERTIFICATE: fingerprintIn(values.certificate) }),
    ...subjectOf(values['oidc-issuer'], values['oidc-subject']),
  };
  const { code, expiresAt, at } = await recordingSealed(process.env, stateDirOf(process.env), async (tx, vault) => {
    const organisation = await organisationFor(tx, role, await organisationCode(tx));
    const personId = await addMember(tx, vault, {
      organisationId: organisation.id,
      role,
      data: { ...data, DISPLAY_NAME: displayName },
    });
    return { ...(await drawEnrolment(tx, personId)), at: organisation.code };
  });
  tell(code, `${displayName}, ${role} of ${at}, is added; this code sets the password`, expiresAt);
  return 0;
}

async function reset(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({ args: [...args], options: { login: text, 'second-factor': { type: 'boolean' } } });
  const login = required('login', values.login);
  const secondFactor = values['second-factor'] === true;
  const { code, expiresAt } = await recordingSealed(process.env, stateDirOf(process.env), async (tx, vault) =>
    resetCredentials(tx, vault, await personNamed(tx, vault, login), { secondFactor }),
  );
  const ended = secondFactor ? 'password, second factor, certificate and sessions' : 'password and sessions';
  tell(code, `${ended} of ${login} have ended; this code sets a new password`, expiresAt);
  return 0;
}

function fingerprintIn(file: string): string {
  const certificate = parseCertificate(readFileSync(file, 'utf8'));
  if (certificate === null) throw new UsageError(`--certificate: ${file} holds no certificate in PEM`);
  return keyFingerprint(certificate);
}

function subjectOf(issuer: string | undefined, subject: string | undefined): PersonalData {
  if (issuer === undefined && subject === undefined) return {};
  return { OIDC_SUBJECT: oidcSubject(required('oidc-issuer', issuer), required('oidc-subject', subject)) };
}

/** The code alone on standard output, so that `$(…)` takes it; what it is for goes beside it. */
function tell(code: string, what: string, expiresAt: Date): void {
  process.stderr.write(
    `boxtrail: ${what}, by the mutation enrol, once, until ${expiresAt.toISOString()}; it is shown this once\n`,
  );
  process.stdout.write(`${code}\n`);
}
