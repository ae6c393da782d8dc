import { askForChange, drawEnrolmentCode, revokeKeys, SecretBox, type Principal } from '#libs/identity';
import { DomainError } from '#libs/kernel';
import { Injectable } from '@nestjs/common';
import type {
  MutationChangeGatewayKeyArgs,
  MutationEnrolGatewayArgs,
  MutationRevokeGatewayKeysArgs,
} from '../api/schema.generated.js';
import { OncePerKey } from './once-per-key.js';

const MAX_REASON = 1_000;
/** As ids of gateways stand in what they send. */
const MAX_NAME = 200;

/** What who runs the system asks of gateways and their keys. */
@Injectable()
export class MachineDesk {
  constructor(
    private readonly once: OncePerKey,
    private readonly box: SecretBox,
  ) {}

  /** The kept answer holds the code sealed: a repetition is told it, and who reads the database is not. */
  async enrol(principal: Principal, args: MutationEnrolGatewayArgs): Promise<{ code: string; expiresAt: string }> {
    const { gateway, site, minutes, keyDays } = args.input;
    checkLength('input.gateway', gateway, MAX_NAME);
    const offer = {
      gatewayId: gateway,
      siteId: site,
      minutes,
      keyDays: keyDays ?? null,
      drawnBy: principal.personId,
    };
    const { codeId, sealed, expiresAt } = await this.once.run(principal, 'enrolGateway', args, async (tx) => {
      const drawn = await drawEnrolmentCode(tx, offer, Date.now());
      return {
        codeId: drawn.codeId,
        sealed: this.box.seal(Buffer.from(drawn.code), contextOf(drawn.codeId)).toString('base64'),
        expiresAt: drawn.expiresAt.toISOString(),
      };
    });
    return { code: this.box.open(Buffer.from(sealed, 'base64'), contextOf(codeId)).toString(), expiresAt };
  }

  /** @returns the id of the key to be changed */
  async change(principal: Principal, args: MutationChangeGatewayKeyArgs): Promise<string> {
    const { keyId } = await this.once.run(principal, 'changeGatewayKey', args, async (tx) => ({
      keyId: await askForChange(tx, args.gateway),
    }));
    return keyId;
  }

  /** @returns the ids of the keys that were ended */
  async revoke(principal: Principal, args: MutationRevokeGatewayKeysArgs): Promise<readonly string[]> {
    const { gateway, keyId, reason } = args.input;
    checkLength('input.reason', reason, MAX_REASON);
    const revocation = { gatewayId: gateway, keyId: keyId ?? null, by: principal.personId, reason };
    const { keyIds } = await this.once.run(principal, 'revokeGatewayKeys', args, async (tx) => ({
      keyIds: await revokeKeys(tx, revocation),
    }));
    return keyIds;
  }
}

const contextOf = (codeId: string): string => `enrolment code ${codeId}`;

function checkLength(field: string, text: string, most: number): void {
  if (text.trim() === '' || text.length > most) {
    throw new DomainError('INVALID_INPUT', { field, value: text.slice(0, most), expected: `1 to ${most} characters` });
  }
}
