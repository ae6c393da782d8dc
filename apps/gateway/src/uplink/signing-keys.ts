import { createHash } from 'node:crypto';
import { z } from 'zod';
import { newBootId, type Clock, type Logger } from '#libs/kernel';
import type { EnrolRequest } from '#libs/lane';
import { agree, confirmation, drawHalf, sign } from '#libs/signing';
import { ignoreMissing, readIfThere, replaceFile, type SpoolFiles } from '../spool/index.js';
import type { KeyAsked, KeyWish, UplinkCredentials } from './credentials.js';

export const KEY_FILE = 'gateway.key';
const ASKED_FILE = 'gateway.key.asked';
const OWNER_ALONE = 0o600;
const ENROL_PATH = '/ingest/v1/enrol';
const CHANGE_PATH = '/ingest/v1/keys';

const bytes32 = z
  .string()
  .regex(/^[A-Za-z0-9_-]{43}$/)
  .transform((text): Buffer => Buffer.from(text, 'base64url'));
const keyShape = z.object({
  gatewayId: z.string(),
  keyId: z.uuid(),
  secret: bytes32,
  /** SHA-256 of the code that the first key came of: the same code is not tried again. */
  codeHash: z.string(),
});
/** What was asked for and perhaps answered: with the same half, the answer is the same key. */
const askedShape = z.object({
  gatewayId: z.string(),
  /** Hash of the code, or id of the key that is to be followed. */
  by: z.string(),
  privateValue: bytes32,
  publicValue: bytes32,
});
const answerShape = z.object({ keyId: z.uuid(), publicValue: bytes32, confirmation: z.string() });

type StoredKey = z.output<typeof keyShape>;
type Asked = z.output<typeof askedShape>;

export interface SigningOptions {
  readonly files: SpoolFiles;
  /** Of the spool. */
  readonly directory: string;
  readonly gatewayId: string;
  readonly siteId: string;
  /** null: the key that is there must do. */
  readonly code: string | null;
  readonly clock: Clock;
  readonly log: Logger;
}

/**
 * Signs with the key of `gateway.key` beside the spool (mode 0600), and comes to that key by a code, and to the next one by it.
 * A boot and its sequence belong to this object: a restarted gateway is another boot.
 */
export class SigningKeys implements UplinkCredentials {
  private readonly boot = newBootId();
  private sequence = 0;

  private constructor(
    private readonly options: SigningOptions,
    private key: StoredKey | null,
    private asked: Asked | null,
    private wished: KeyWish | null,
  ) {}

  static async open(options: SigningOptions): Promise<SigningKeys> {
    const { code } = options;
    const key = await load(options, KEY_FILE, keyShape);
    const asked = await load(options, ASKED_FILE, askedShape);
    const isNewCode = code !== null && key?.codeHash !== hashOf(code);
    if (isNewCode) return new SigningKeys(options, key, asked, 'ENROL');
    return new SigningKeys(options, key, asked, asked !== null && asked.by === key?.keyId ? 'CHANGE' : null);
  }

  get canSend(): boolean {
    return this.key !== null;
  }

  get wish(): KeyWish | null {
    return this.wished;
  }

  headers = (target: string, body: Buffer): Readonly<Record<string, string>> => {
    if (this.key === null) return {};
    const { keyId, secret } = this.key;
    this.sequence += 1;
    const machineId = this.options.gatewayId;
    const at = this.options.clock.now();
    return sign(
      { method: 'POST', target, keyId, machineId, boot: this.boot, sequence: this.sequence, at },
      body,
      secret,
    );
  };

  async ask(): Promise<KeyAsked> {
    const { code, gatewayId, siteId } = this.options;
    const { publicValue } = await this.half(this.wished === 'ENROL' ? hashOf(code ?? '') : (this.key?.keyId ?? ''));
    const told = publicValue.toString('base64url');
    if (this.wished !== 'ENROL') return { path: CHANGE_PATH, json: JSON.stringify({ publicValue: told }) };
    const request: EnrolRequest = { code: code ?? '', gatewayId, siteId, publicValue: told };
    return { path: ENROL_PATH, json: JSON.stringify(request) };
  }

  /** Durable before it is told: behind a lost answer and a restart the same is told again. */
  private async half(by: string): Promise<Asked> {
    if (this.asked?.by === by) return this.asked;
    const { privateValue, publicValue } = drawHalf();
    const asked = { gatewayId: this.options.gatewayId, by, privateValue, publicValue };
    await this.store(ASKED_FILE, {
      ...asked,
      privateValue: privateValue.toString('base64url'),
      publicValue: publicValue.toString('base64url'),
    });
    this.asked = asked;
    return asked;
  }

  async take(answer: string): Promise<void> {
    const { gatewayId, code, log, files, directory } = this.options;
    if (this.asked === null) throw new Error('no key was asked for');
    const told = answerShape.parse(JSON.parse(answer));
    const secret = agree({
      side: 'MACHINE',
      privateValue: this.asked.privateValue,
      machinePublic: this.asked.publicValue,
      servicePublic: told.publicValue,
      machineId: gatewayId,
    });
    if (confirmation(secret, told.keyId) !== told.confirmation) {
      throw new Error('the service has not come to the same key: somebody changed what was said');
    }
    const codeHash = this.wished === 'ENROL' ? hashOf(code ?? '') : (this.key?.codeHash ?? '');
    const key = { gatewayId, keyId: told.keyId, secret, codeHash };
    await this.store(KEY_FILE, { ...key, secret: secret.toString('base64url') });
    log.info({ keyId: key.keyId, why: this.wished }, 'the gateway has a new key');
    this.key = key;
    this.wished = null;
    this.asked = null;
    await files.remove(`${directory}/${ASKED_FILE}`).catch(ignoreMissing);
  }

  giveUp(): void {
    if (this.key !== null) this.wished = null;
  }

  onChangeAsked(keyId: string): void {
    if (this.key?.keyId === keyId) this.wished ??= 'CHANGE';
  }

  private store(name: string, content: object): Promise<void> {
    const { files, directory } = this.options;
    return replaceFile(files, directory, name, Buffer.from(`${JSON.stringify(content)}\n`), OWNER_ALONE);
  }
}

/** null: it is not there, is torn, or is of a gateway of another name; a new code is needed then. */
async function load<T extends z.ZodType<{ gatewayId: string }>>(
  { files, directory, gatewayId, log }: SigningOptions,
  name: string,
  shape: T,
): Promise<z.output<T> | null> {
  const path = `${directory}/${name}`;
  const found = await readIfThere(files, path);
  if (found === null) return null;
  const parsed = shape.safeParse(jsonOf(found));
  if (parsed.success && parsed.data.gatewayId === gatewayId) return parsed.data;
  log.error({ path, gatewayId }, 'this is no key of this gateway and is left alone');
  return null;
}

function jsonOf(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    // torn: as good as lost
    return null;
  }
}

function hashOf(code: string): string {
  return createHash('sha256').update(code).digest('base64url');
}
