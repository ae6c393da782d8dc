import { requireVerified, verifiedCompanies, type Principal } from '#libs/identity';
import { DomainError, systemClock } from '#libs/kernel';
import type { Tx } from '#libs/persistence';
import {
  bookShipment,
  endShipment,
  grantWindow,
  mergeShipments,
  releaseContainer,
  rollOver,
  splitShipment,
  swapContainer,
  withdrawWindow,
  type BookedParty,
} from '#libs/shipments';
import { Injectable } from '@nestjs/common';
import type {
  BookShipmentInput,
  MutationBookShipmentArgs,
  MutationEndShipmentArgs,
  MutationGrantWindowArgs,
  MutationMergeShipmentsArgs,
  MutationReleaseContainerArgs,
  MutationRollOverArgs,
  MutationSplitShipmentArgs,
  MutationSwapContainerArgs,
  MutationWithdrawWindowArgs,
} from '../api/schema.generated.js';
import { parseGlobalId, type NodeType } from '../api/shared/global-id.js';
import { checkLength } from './command-desk.js';
import { OncePerKey } from './once-per-key.js';

const MOST_NUMBER = 100;
const MOST_REASON = 1_000;
const MOST_ROLLED = { legs: 20, milestones: 50 } as const;

/** Brings to the commands what companies ask of their shipments and windows. */
@Injectable()
export class ShipmentDesk {
  constructor(private readonly once: OncePerKey) {}

  /** @returns the shipment's id, as the others do */
  book(principal: Principal, args: MutationBookShipmentArgs): Promise<string> {
    const { input } = args;
    checkNumbers(input);
    (input.legs ?? []).forEach((leg, index) => {
      const texts = { fromPlace: leg.fromPlace, toPlace: leg.toPlace, vessel: leg.vessel, voyage: leg.voyage };
      for (const [name, text] of Object.entries(texts)) checkOptional(`input.legs.${index}.${name}`, text);
    });
    (input.milestones ?? []).forEach(({ code }, index) => {
      if (!/^[A-Z]{4}$/.test(code)) {
        throw new DomainError('INVALID_INPUT', {
          field: `input.milestones.${index}.code`,
          value: code.slice(0, MOST_NUMBER),
          expected: 'a DCSA code of four letters, such as GTIN',
        });
      }
    });
    return this.once.run(principal, 'bookShipment', args, async (tx) => {
      await requireVerified(tx, principal.organisationId);
      const booking = {
        reference: input.reference,
        bookingNumber: input.bookingNumber ?? null,
        billNumber: input.billNumber ?? null,
        trade: input.trade,
        containers: input.containers.map(({ number, fullness }) => ({ number, fullness: fullness ?? null })),
        parties: await partiesOf(tx, principal, input),
        legs: (input.legs ?? []).map((leg) => ({ ...leg, vessel: leg.vessel ?? null, voyage: leg.voyage ?? null })),
        milestones: (input.milestones ?? []).map(({ code, site, zone, plannedAt }) => ({
          code,
          site: site ?? null,
          zone: zone ?? null,
          plannedAt: plannedAt?.getTime() ?? null,
        })),
      };
      return bookShipment(tx, principal, booking, systemClock.now());
    });
  }

  swap(principal: Principal, args: MutationSwapContainerArgs): Promise<string> {
    const { shipment, out, in: instead, reason } = args.input;
    const shipmentId = idOf('Shipment', shipment, 'input.shipment');
    checkLength('input.reason', reason, MOST_REASON);
    return this.once.run(principal, 'swapContainer', args, async (tx) => {
      await requireVerified(tx, principal.organisationId);
      await swapContainer(tx, principal, { shipmentId, out, in: instead, reason }, systemClock.now());
      return shipmentId;
    });
  }

  rollOver(principal: Principal, args: MutationRollOverArgs): Promise<string> {
    const { shipment, legs, bookingNumber } = args.input;
    const milestones = args.input.milestones ?? [];
    const shipmentId = idOf('Shipment', shipment, 'input.shipment');
    checkOptional('input.bookingNumber', bookingNumber);
    checkCount('input.legs', legs.length, 1, MOST_ROLLED.legs);
    checkCount('input.milestones', milestones.length, 0, MOST_ROLLED.milestones);
    legs.forEach(({ vessel, voyage }, index) => {
      checkLength(`input.legs.${index}.vessel`, vessel, MOST_NUMBER);
      checkLength(`input.legs.${index}.voyage`, voyage, MOST_NUMBER);
    });
    const planned = milestones.map(({ ordinal, plannedAt }) => ({ ordinal, plannedAt: plannedAt.getTime() }));
    return this.once.run(principal, 'rollOver', args, async (tx) => {
      const roll = { shipmentId, legs, milestones: planned, bookingNumber: bookingNumber ?? null };
      await rollOver(tx, principal, roll, systemClock.now());
      return shipmentId;
    });
  }

  split(principal: Principal, args: MutationSplitShipmentArgs): Promise<{ shipmentId: string; splitId: string }> {
    const { shipment, containers, reference, bookingNumber, billNumber } = args.input;
    const shipmentId = idOf('Shipment', shipment, 'input.shipment');
    checkNumbers(args.input);
    const numbers = { bookingNumber: bookingNumber ?? null, billNumber: billNumber ?? null };
    return this.once.run(principal, 'splitShipment', args, async (tx) => ({
      shipmentId,
      splitId: await splitShipment(tx, principal, { shipmentId, containers, reference, ...numbers }, systemClock.now()),
    }));
  }

  merge(principal: Principal, args: MutationMergeShipmentsArgs): Promise<string> {
    const into = idOf('Shipment', args.input.into, 'input.into');
    const from = idOf('Shipment', args.input.from, 'input.from');
    return this.once.run(principal, 'mergeShipments', args, async (tx) => {
      await mergeShipments(tx, principal, { into, from }, systemClock.now());
      return into;
    });
  }

  end(principal: Principal, args: MutationEndShipmentArgs): Promise<string> {
    const shipmentId = idOf('Shipment', args.shipment, 'shipment');
    return this.once.run(principal, 'endShipment', args, async (tx) => {
      await endShipment(tx, principal, shipmentId, systemClock.now());
      return shipmentId;
    });
  }

  release(principal: Principal, args: MutationReleaseContainerArgs): Promise<string> {
    const { container, reason } = args.input;
    checkLength('input.reason', reason, MOST_REASON);
    return this.once.run(principal, 'releaseContainer', args, async (tx) => {
      await releaseContainer(tx, principal, { container, reason }, systemClock.now());
      return container;
    });
  }

  /** @returns the grant's id */
  grant(principal: Principal, args: MutationGrantWindowArgs): Promise<string> {
    const { shipment, container, organisation, seenAs, from, to } = args.input;
    const shipmentId = idOf('Shipment', shipment, 'input.shipment');
    return this.once.run(principal, 'grantWindow', args, async (tx) => {
      await requireVerified(tx, principal.organisationId);
      const [granteeId = ''] = await verifiedCompanies(tx, [organisation], () => 'input.organisation');
      const at = systemClock.now();
      const terms = { shipmentId, granteeId, containerNumber: container ?? null, seenAs: seenAs ?? 'GUEST' };
      return grantWindow(tx, principal, { ...terms, from: from?.getTime() ?? at, to: to?.getTime() ?? null }, at);
    });
  }

  /** @returns the grant's id */
  withdraw(principal: Principal, args: MutationWithdrawWindowArgs): Promise<string> {
    const grantId = idOf('WindowGrant', args.grant, 'grant');
    return this.once.run(principal, 'withdrawWindow', args, async (tx) => {
      await withdrawWindow(tx, principal, grantId, systemClock.now());
      return grantId;
    });
  }
}

/** The booker's own part first. */
async function partiesOf(
  tx: Tx,
  { organisationId }: Principal,
  { role, parties }: BookShipmentInput,
): Promise<readonly BookedParty[]> {
  const others = parties ?? [];
  const ids = await verifiedCompanies(
    tx,
    others.map(({ organisation }) => organisation),
    (index) => `input.parties.${index}.organisation`,
  );
  const own: BookedParty = { organisationId, role, containers: null, from: null, to: null };
  return [
    own,
    ...others.map((party, index) => ({
      organisationId: ids[index] ?? '',
      role: party.role,
      containers: party.containers ?? null,
      from: party.pickUpAt?.getTime() ?? null,
      to: party.deliverBy?.getTime() ?? null,
    })),
  ];
}

type Numbers = Pick<BookShipmentInput, 'reference' | 'bookingNumber' | 'billNumber'>;

function checkNumbers({ reference, bookingNumber, billNumber }: Numbers): void {
  checkLength('input.reference', reference, MOST_NUMBER);
  checkOptional('input.bookingNumber', bookingNumber);
  checkOptional('input.billNumber', billNumber);
}

function checkOptional(field: string, text: string | null | undefined): void {
  if (text !== null && text !== undefined) checkLength(field, text, MOST_NUMBER);
}

function checkCount(field: string, count: number, least: number, most: number): void {
  if (count < least || count > most) {
    throw new DomainError('INVALID_INPUT', { field, value: count, expected: `${least} to ${most}` });
  }
}

/** @throws DomainError NOT_FOUND for whatever is no id of this kind: it names nothing */
function idOf(type: NodeType, globalId: string, field: string): string {
  const ref = parseGlobalId(globalId);
  const [id] = ref?.type === type ? ref.key : [];
  if (id === undefined) throw new DomainError('NOT_FOUND', { field });
  return id;
}
