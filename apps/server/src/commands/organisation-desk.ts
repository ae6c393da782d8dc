import { handInPapers, moveOrganisation, registerOrganisation, type Principal, type Step } from '#libs/identity';
import { DomainError, systemClock } from '#libs/kernel';
import { Injectable } from '@nestjs/common';
import type { MutationRegisterOrganisationArgs, MutationSubmitPapersArgs } from '../api/schema.generated.js';
import { parseGlobalId } from '../api/shared/global-id.js';
import { checkLength } from './command-desk.js';
import { OncePerKey } from './once-per-key.js';

const MOST = { name: 200, number: 100, issuer: 200, documentRef: 500, reason: 1_000 } as const;

type StepArgs = Readonly<Record<string, unknown>> & {
  readonly organisation: string;
  readonly reason?: string;
  readonly idempotencyKey: string;
};

/** Brings to the commands what people ask of organisations; each answers the organisation's id. */
@Injectable()
export class OrganisationDesk {
  constructor(private readonly once: OncePerKey) {}

  register(principal: Principal, args: MutationRegisterOrganisationArgs): Promise<string> {
    const { kind, name, nameZh, creditCode } = args.input;
    checkLength('input.name', name, MOST.name);
    checkLength('input.nameZh', nameZh, MOST.name);
    return this.once.run(principal, 'registerOrganisation', args, (tx) =>
      registerOrganisation(tx, principal, { kind, name, nameZh, creditCode }, systemClock.now()),
    );
  }

  submitPapers(principal: Principal, args: MutationSubmitPapersArgs): Promise<string> {
    const { organisation, papers } = args.input;
    const organisationId =
      organisation === null || organisation === undefined
        ? principal.organisationId
        : idOf(organisation, 'input.organisation');
    if (principal.role !== 'PLATFORM_OPERATOR' && organisationId !== principal.organisationId) {
      throw new DomainError('NOT_FOUND', { field: 'input.organisation' });
    }
    papers.forEach(({ number, issuer, documentRef }, index) => {
      const field = (name: string): string => `input.papers.${index}.${name}`;
      checkLength(field('number'), number, MOST.number);
      checkLength(field('issuer'), issuer, MOST.issuer);
      checkLength(field('documentRef'), documentRef, MOST.documentRef);
    });
    const handedIn = papers.map((paper) => ({
      ...paper,
      validFrom: paper.validFrom.getTime(),
      validTo: paper.validTo?.getTime() ?? null,
    }));
    return this.once.run(principal, 'submitPapers', args, async (tx) => {
      await handInPapers(tx, principal, { organisationId, papers: handedIn }, systemClock.now());
      return organisationId;
    });
  }

  move(principal: Principal, command: Step['command'], args: StepArgs): Promise<string> {
    const organisationId = idOf(args.organisation, 'organisation');
    const reason = args.reason ?? null;
    if (reason !== null) checkLength('reason', reason, MOST.reason);
    return this.once.run(principal, `organisation ${command}`, args, async (tx) => {
      await moveOrganisation(tx, principal, { organisationId, command, reason }, systemClock.now());
      return organisationId;
    });
  }
}

/** @throws DomainError NOT_FOUND for whatever names no organisation */
function idOf(globalId: string, field: string): string {
  const ref = parseGlobalId(globalId);
  const [id] = ref?.type === 'Organisation' ? ref.key : [];
  if (id === undefined) throw new DomainError('NOT_FOUND', { field });
  return id;
}
