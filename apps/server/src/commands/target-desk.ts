import { DomainError } from '#libs/kernel';
import { commandTarget, selectTarget, type TargetCommand } from '#libs/targeting';
import { Injectable } from '@nestjs/common';
import type { MutationNoticeTargetArgs, MutationTargetContainerArgs } from '../api/schema.generated.js';
import type { RequestContext } from '../api/shared/request-context.js';
import { OncePerKey } from './once-per-key.js';

const MAX_REASON = 1_000;
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

const COMMANDS = {
  withdrawTarget: 'WITHDRAW',
  noticeTarget: 'NOTICE',
  releaseTarget: 'RELEASE',
} as const satisfies Record<string, TargetCommand>;

/** What customs ask of their selections for inspection. */
@Injectable()
export class TargetDesk {
  constructor(private readonly once: OncePerKey) {}

  /** @returns the id of the target */
  async select({ principal, account }: RequestContext, args: MutationTargetContainerArgs): Promise<string> {
    const { container, site, reason } = args.input;
    if (reason.trim() === '' || reason.length > MAX_REASON) {
      throw new DomainError('INVALID_INPUT', {
        field: 'input.reason',
        value: reason.slice(0, MAX_REASON),
        expected: `1 to ${MAX_REASON} characters`,
      });
    }
    const caseNumber = account.requireCaseNumber('Mutation.targetContainer');
    const { targetId } = await this.once.run(principal, 'targetContainer', args, async (tx) => ({
      targetId: await selectTarget(tx, principal, { containerNumber: container, siteId: site, caseNumber, reason }),
    }));
    return targetId;
  }

  /** @returns the id of the target */
  async command(
    { principal }: RequestContext,
    operation: keyof typeof COMMANDS,
    args: MutationNoticeTargetArgs,
  ): Promise<string> {
    if (!UUID.test(args.targetId)) throw new DomainError('NOT_FOUND', { field: 'targetId' });
    const { targetId } = await this.once.run(principal, operation, args, async (tx) => {
      await commandTarget(tx, principal, args.targetId, COMMANDS[operation], Date.now());
      return { targetId: args.targetId };
    });
    return targetId;
  }
}
