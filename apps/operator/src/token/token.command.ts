import { parseArgs } from 'node:util';
import {
  enrolPerson,
  issueGatewayToken,
  issueToken,
  listTokens,
  MOST_TOKEN_DAYS,
  registerGateway,
  revokeToken,
  type TokenEntry,
} from '#libs/identity';
import { recording, recordingSealed } from '../recording.js';
import { stateDirOf } from '../project.js';
import { organisationOf, required, roleOf } from '../role-words.js';
import { UsageError } from '../usage-error.js';

const DAY_MS = 86_400_000;
const text = { type: 'string' } as const;

/** `token person | gateway | list | revoke`; a new token is the only word on standard output. */
export async function token(args: readonly string[]): Promise<number> {
  const [word, ...rest] = args;
  switch (word) {
    case 'person':
      return await person(rest);
    case 'gateway':
      return await gateway(rest);
    case 'list':
      return await list(rest);
    case 'revoke':
      return await revoke(rest);
    default:
      throw new UsageError(word === undefined ? 'say what to do' : `token knows no "${word}"`);
  }
}

async function person(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: { role: text, organisation: text, name: text, days: text },
  });
  const role = roleOf(required('role', values.role));
  const organisation = organisationOf(role, values.organisation);
  const displayName = required('name', values.name);
  const days = values.days === undefined ? MOST_TOKEN_DAYS : daysOf(values.days);
  const expiresAt = new Date(Date.now() + days * DAY_MS);
  const { drawn, organisationCode } = await recordingSealed(process.env, stateDirOf(process.env), async (tx, vault) => {
    const organisationCode = await organisation(tx);
    const member = await enrolPerson(tx, vault, { organisationCode, role, displayName });
    return { drawn: await issueToken(tx, { ...member, role, expiresAt }), organisationCode };
  });
  tell(drawn, `${displayName}, ${role} of ${organisationCode}, until ${expiresAt.toISOString()}`);
  return 0;
}

async function gateway(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({ args: [...args], options: { id: text, site: text } });
  const [id, site] = [required('id', values.id), required('site', values.site)];
  const drawn = await recording(process.env, stateDirOf(process.env), async (tx) => {
    await registerGateway(tx, id, site);
    return await issueGatewayToken(tx, id);
  });
  tell(drawn, `gateway ${id} of ${site}, for BOXTRAIL_GATEWAY_TOKEN; a token that it had before has ended`);
  return 0;
}

async function list(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({ args: [...args], options: { json: { type: 'boolean' } } });
  const entries = await recordingSealed(process.env, stateDirOf(process.env), listTokens);
  const lines = entries.map((entry) => (values.json === true ? JSON.stringify(entry) : lineOf(entry, new Date())));
  process.stdout.write(lines.map((line) => `${line}\n`).join(''));
  return 0;
}

async function revoke(args: readonly string[]): Promise<number> {
  const { positionals } = parseArgs({ args: [...args], options: {}, allowPositionals: true });
  const [id, ...more] = positionals;
  if (id === undefined || more.length > 0) throw new UsageError('name one token by the id of "boxtrail token list"');
  await recording(process.env, stateDirOf(process.env), (tx) => revokeToken(tx, id));
  process.stderr.write(`boxtrail: ${id} is revoked\n`);
  return 0;
}

export function lineOf({ id, holder, name, of, role, expiresAt, revokedAt }: TokenEntry, now: Date): string {
  const ends =
    revokedAt !== null
      ? `revoked ${revokedAt.toISOString()}`
      : expiresAt === null
        ? 'valid'
        : `${expiresAt <= now ? 'expired' : 'valid until'} ${expiresAt.toISOString()}`;
  return [id, role ?? holder, holder === 'GATEWAY' ? of : `${name}, ${of}`, ends].join('  ');
}

function daysOf(word: string): number {
  const days = Number(word);
  if (!(days > 0 && days <= MOST_TOKEN_DAYS))
    throw new UsageError(`--days is "${word}"; it is above 0, at most ${MOST_TOKEN_DAYS}`);
  return days;
}

/** The token alone on standard output, so that `$(…)` takes it; what it is for goes beside it. */
function tell(drawn: string, what: string): void {
  process.stderr.write(`boxtrail: ${what}; it is shown this once\n`);
  process.stdout.write(`${drawn}\n`);
}
