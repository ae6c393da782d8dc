import { parseArgs } from 'node:util';
import { askForChange, CODE_MINUTES, drawEnrolmentCode, listKeys, revokeKeys, type KeyEntry } from '#libs/identity';
import { stateDirOf } from '../project.js';
import { recording } from '../recording.js';
import { UsageError } from '../usage-error.js';

const text = { type: 'string' } as const;

/** `gateway-key enrol | list | change | revoke`; a new code is the only word on standard output. */
export async function gatewayKey(args: readonly string[]): Promise<number> {
  const [word, ...rest] = args;
  switch (word) {
    case 'enrol':
      return await enrol(rest);
    case 'list':
      return await list(rest);
    case 'change':
      return await change(rest);
    case 'revoke':
      return await revoke(rest);
    default:
      throw new UsageError(word === undefined ? 'say what to do' : `gateway-key knows no "${word}"`);
  }
}

async function enrol(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({ args: [...args], options: { gateway: text, site: text, minutes: text, days: text } });
  const offer = {
    gatewayId: required('gateway', values.gateway),
    siteId: required('site', values.site),
    minutes: values.minutes === undefined ? CODE_MINUTES.usual : Number(values.minutes),
    keyDays: values.days === undefined ? null : Number(values.days),
    drawnBy: null,
  };
  const { code, expiresAt } = await recording(process.env, stateDirOf(process.env), (tx) =>
    drawEnrolmentCode(tx, offer, Date.now()),
  );
  process.stderr.write(
    `boxtrail: BOXTRAIL_GATEWAY_CODE of ${offer.gatewayId}, ${offer.siteId}, once until ${expiresAt.toISOString()}; it is shown this once\n`,
  );
  process.stdout.write(`${code}\n`);
  return 0;
}

async function list(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({ args: [...args], options: { json: { type: 'boolean' } } });
  const entries = await recording(process.env, stateDirOf(process.env), listKeys);
  const lines = entries.map((entry) => (values.json === true ? JSON.stringify(entry) : lineOf(entry)));
  process.stdout.write(lines.map((line) => `${line}\n`).join(''));
  return 0;
}

async function change(args: readonly string[]): Promise<number> {
  const { positionals } = parseArgs({ args: [...args], options: {}, allowPositionals: true });
  const gateway = theOne(positionals);
  await recording(process.env, stateDirOf(process.env), (tx) => askForChange(tx, gateway));
  process.stderr.write(`boxtrail: ${gateway} is told at its next request to change its key\n`);
  return 0;
}

async function revoke(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: { key: text, reason: text },
    allowPositionals: true,
  });
  const revocation = {
    gatewayId: theOne(positionals),
    keyId: values.key ?? null,
    by: null,
    reason: required('reason', values.reason),
  };
  const ended = await recording(process.env, stateDirOf(process.env), (tx) => revokeKeys(tx, revocation));
  process.stderr.write(`boxtrail: revoked: ${ended.length === 0 ? 'a code that was not used' : ended.join(', ')}\n`);
  return 0;
}

function lineOf({ id, gatewayId, siteId, state, endsAt, revokedAt }: KeyEntry): string {
  const ends =
    revokedAt !== null
      ? `since ${revokedAt.toISOString()}`
      : endsAt === null
        ? 'until it is changed'
        : `until ${endsAt.toISOString()}`;
  return [id, gatewayId, siteId, state, ends].join('  ');
}

function theOne(positionals: readonly string[]): string {
  const [gateway, ...more] = positionals;
  if (gateway === undefined || more.length > 0) throw new UsageError('name one gateway');
  return gateway;
}

function required(name: string, value: string | undefined): string {
  if (value === undefined || value.trim() === '') throw new UsageError(`--${name} is needed`);
  return value;
}
