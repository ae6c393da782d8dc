import { creditCodeCheckCharacter } from '#libs/identifiers';
import type { OrganisationKind, OrganisationState, Role } from '#libs/identity';
import { derivedId } from '#libs/kernel';
import type { Tx } from '#libs/persistence';
import { globalId } from '../../apps/server/src/api/shared/global-id.js';
import { boxNumber, DAY, HANDOVER } from './graphql-world.js';

type Side = 'near' | 'far';
const SIDES: readonly Side[] = ['near', 'far'];

const uuid = (...words: readonly string[]): string => derivedId('sweep', ...words);
const company = (side: Side): string => uuid('organisation', 'LOGISTICS_COMPANY', side);

/** Organisations that stand where a step can be taken, each with a paper that nobody has looked at. */
const APPLICANTS: Readonly<Record<string, OrganisationState>> = {
  'to begin': 'SUBMITTED',
  'to verify': 'VERIFYING',
  'to reject': 'VERIFYING',
  'to suspend': 'REGISTERED',
  'to lift': 'SUSPENDED',
};
const applicant = (what: string, side: Side): string => uuid('applicant', what, side);

/** Shipments that something can be done to, each with two boxes of its own. */
const CARGO = [
  'to swap',
  'to roll',
  'to split',
  'to merge',
  'to merge into',
  'to end',
  'to release',
  'to grant',
] as const;
const cargo = (what: (typeof CARGO)[number], side: Side) => {
  const serial = 910_000 + SIDES.indexOf(side) * 100 + CARGO.indexOf(what) * 2;
  const id = uuid('cargo', what, side);
  return { id, globalId: globalId('Shipment', id), boxes: [boxNumber(serial), boxNumber(serial + 1)] };
};
/** A member that nobody of the sweep asks for. */
const guestName = (side: Side): string => `guest ${side}`;
export const grantOf = (side: Side): string => uuid('grant', side);

/** A number that stands on a paper of the side's company, and nowhere else. */
export const paperNumber = (side: Side): string => `PAPER-${side}`;

/** Members, applicants and shipments of one side; its company must be there. */
export async function plantMembers(tx: Tx, side: Side): Promise<void> {
  const paper = (organisationId: string, number: string, verified: boolean): Promise<unknown> =>
    tx.query(
      `INSERT INTO organisation_paper (id, organisation_id, kind, number, issuer, valid_from, document_ref, submitted_by, submitted_at,
         verdict, verified_by, verified_at)
       VALUES ($1, $2, 'BUSINESS_LICENCE', $3, 'the office', $4, 'shelf 1', $5, $4, $6, $7, $8)`,
      [
        uuid('paper', organisationId),
        organisationId,
        number,
        new Date(HANDOVER),
        uuid('who handed it in'),
        ...(verified ? ['ACCEPTED', uuid('who verified it'), new Date(HANDOVER + DAY)] : [null, null, null]),
      ],
    );
  await paper(company(side), paperNumber(side), true);
  await tx.query(`INSERT INTO paper_alert VALUES ($1, 30, $2, $3, $4)`, [
    uuid('paper', company(side)),
    uuid('paper alert', side),
    company(side),
    new Date(HANDOVER + DAY),
  ]);
  for (const [what, state] of Object.entries(APPLICANTS)) {
    const id = applicant(what, side);
    await tx.query(
      `INSERT INTO organisation (id, kind, name, name_zh, code, state) VALUES ($1, 'PORT_GROUP', $2, $2, $2, $3)`,
      [id, `${what} ${side}`, state],
    );
    await paper(id, 'its licence', false);
    if (state !== 'SUSPENDED') continue;
    await tx.query(
      `INSERT INTO organisation_transition (id, organisation_id, command, from_state, to_state, at, reason)
       VALUES ($1, $2, 'SUSPEND', 'REGISTERED', 'SUSPENDED', $3, 'for the sweep')`,
      [uuid('suspension', side), id, new Date(HANDOVER)],
    );
  }
  await tx.query(
    `INSERT INTO organisation (id, kind, name, name_zh, code, state) VALUES ($1, 'LOGISTICS_COMPANY', $2, $2, $2, 'VERIFIED')`,
    [uuid('guest', side), guestName(side)],
  );
  for (const what of CARGO) await plantCargo(tx, what, side);
  await tx.query(
    `INSERT INTO window_grant (id, shipment_id, grantor_id, grantee_id, seen_as, valid_from, granted_by, granted_at)
     VALUES ($1, $2, $3, $4, 'GUEST', $5, $6, $5)`,
    [
      grantOf(side),
      cargo('to grant', side).id,
      company(side),
      uuid('guest', side),
      new Date(HANDOVER),
      uuid('grantor'),
    ],
  );
}

async function plantCargo(tx: Tx, what: (typeof CARGO)[number], side: Side): Promise<void> {
  const { id, boxes } = cargo(what, side);
  await tx.query(`INSERT INTO shipment (id, reference, trade, created_at) VALUES ($1, $2, 'EXPORT', $3)`, [
    id,
    `CARGO-${what}-${side}`,
    new Date(HANDOVER),
  ]);
  await tx.query(`INSERT INTO shipment_party VALUES ($1, $2, 'FORWARDER')`, [id, company(side)]);
  await tx.query(`INSERT INTO leg VALUES ($1, 1, 'SEA', 'Ningbo', 'Rotterdam', 'SIM STAR', '1W')`, [id]);
  await tx.query(`INSERT INTO shipment_container SELECT $1, unnest($2::text[]), 'LADEN'`, [id, boxes]);
  await tx.query(
    `INSERT INTO company_window (organisation_id, container_number, shipment_id, valid_from, title)
     SELECT $1, unnest($2::text[]), $3, $4, 'FORWARDER'`,
    [company(side), boxes, id, new Date(HANDOVER)],
  );
}

interface Deed {
  readonly variables: (side: Side) => object;
  readonly text: string;
  readonly own: readonly Role[];
  readonly alsoMay?: (asker: { readonly role: Role; readonly side: Side }, side: Side) => boolean;
  readonly forAll?: true;
}

let drawn = 0;

/** A credit code that nobody has yet. */
function freshCreditCode(): string {
  const body = `91330206${String((drawn += 1)).padStart(9, '0')}`;
  return `${body}${creditCodeCheckCharacter(body)}`;
}

const PAPER = {
  kind: 'BUSINESS_LICENCE',
  number: 'L-1',
  issuer: 'the office',
  validFrom: new Date(HANDOVER).toISOString(),
  documentRef: 'shelf 2',
};

/** One does it on each side; others who may as well would find it done. */
const once = (...roles: readonly [Role, ...Role[]]): Pick<Deed, 'own' | 'alsoMay'> => ({
  own: [roles[0]],
  alsoMay: (asker) => roles.includes(asker.role),
});
const onceOnItsSide = (...roles: readonly [Role, ...Role[]]): Pick<Deed, 'own' | 'alsoMay'> => ({
  own: [roles[0]],
  alsoMay: (asker, side) => asker.side === side && roles.includes(asker.role),
});
const PART = onceOnItsSide('LOGISTICS', 'COMPANY_ADMINISTRATOR');
const SUSPENDERS = once('PLATFORM_OPERATOR', 'SECURITY_ADMINISTRATOR');

const step = (name: string, what: string, reason = false): Pick<Deed, 'text' | 'variables'> => ({
  text: `mutation ($organisation: ID!, ${reason ? '$reason: String!, ' : ''}$key: IdempotencyKey!) {
    ${name}(organisation: $organisation, ${reason ? 'reason: $reason, ' : ''}idempotencyKey: $key) { organisation { id } } }`,
  variables: (side) => ({
    organisation: globalId('Organisation', applicant(what, side)),
    ...(reason ? { reason: 'for the sweep' } : {}),
  }),
});
const withInput = (
  name: string,
  type: string,
  answer: string,
  input: (side: Side) => object,
): Pick<Deed, 'text' | 'variables'> => ({
  text: `mutation ($input: ${type}!, $key: IdempotencyKey!) { ${name}(input: $input, idempotencyKey: $key) { ${answer} } }`,
  variables: (side) => ({ input: input(side) }),
});

/** What is done to organisations, shipments and windows. */
export const MEMBER_DEEDS: Readonly<Record<string, Deed>> = {
  registerOrganisation: {
    ...withInput('registerOrganisation', 'RegisterOrganisationInput', 'organisation { id }', () => {
      const creditCode = freshCreditCode();
      return { kind: 'LOGISTICS_COMPANY', name: creditCode, nameZh: creditCode, creditCode } satisfies {
        kind: OrganisationKind;
      } & Record<string, string>;
    }),
    own: [],
    forAll: true,
  },
  submitPapers: {
    ...withInput('submitPapers', 'SubmitPapersInput', 'organisation { id }', (side) => ({
      organisation: globalId('Organisation', company(side)),
      papers: [PAPER, { ...PAPER, kind: 'LEGAL_PERSON_ID', number: '1234' }],
    })),
    own: ['COMPANY_ADMINISTRATOR'],
    alsoMay: ({ role }) => role === 'PLATFORM_OPERATOR',
  },
  beginVerification: { ...step('beginVerification', 'to begin'), ...once('PLATFORM_OPERATOR') },
  verifyOrganisation: { ...step('verifyOrganisation', 'to verify'), ...once('PLATFORM_OPERATOR') },
  rejectOrganisation: { ...step('rejectOrganisation', 'to reject', true), ...once('PLATFORM_OPERATOR') },
  suspendOrganisation: { ...step('suspendOrganisation', 'to suspend', true), ...SUSPENDERS },
  liftSuspension: { ...step('liftSuspension', 'to lift', true), ...SUSPENDERS },
  bookShipment: {
    ...withInput('bookShipment', 'BookShipmentInput', 'shipment { id }', () => ({
      reference: 'BOOKED',
      trade: 'EXPORT',
      role: 'FORWARDER',
      containers: [{ number: boxNumber(950_000 + (drawn += 1)) }],
    })),
    own: [],
    forAll: true,
  },
  swapContainer: {
    ...withInput('swapContainer', 'SwapContainerInput', 'shipment { id }', (side) => ({
      shipment: cargo('to swap', side).globalId,
      out: cargo('to swap', side).boxes[0],
      in: boxNumber(960_000 + SIDES.indexOf(side)),
      reason: 'damaged',
    })),
    ...PART,
  },
  rollOver: {
    ...withInput('rollOver', 'RollOverInput', 'shipment { id }', (side) => ({
      shipment: cargo('to roll', side).globalId,
      legs: [{ ordinal: 1, vessel: 'SIM MOON', voyage: '2W' }],
    })),
    ...PART,
  },
  splitShipment: {
    ...withInput('splitShipment', 'SplitShipmentInput', 'split { id }', (side) => ({
      shipment: cargo('to split', side).globalId,
      containers: [cargo('to split', side).boxes[0]],
      reference: 'SPLIT',
    })),
    ...PART,
  },
  mergeShipments: {
    ...withInput('mergeShipments', 'MergeShipmentsInput', 'shipment { id }', (side) => ({
      into: cargo('to merge into', side).globalId,
      from: cargo('to merge', side).globalId,
    })),
    ...PART,
  },
  endShipment: {
    text: `mutation ($shipment: ID!, $key: IdempotencyKey!) { endShipment(shipment: $shipment, idempotencyKey: $key) { shipment { id } } }`,
    variables: (side) => ({ shipment: cargo('to end', side).globalId }),
    ...PART,
  },
  releaseContainer: {
    ...withInput('releaseContainer', 'ReleaseContainerInput', 'container', (side) => ({
      container: cargo('to release', side).boxes[0],
      reason: 'nobody ended it',
    })),
    ...once('PLATFORM_OPERATOR'),
  },
  grantWindow: {
    ...withInput('grantWindow', 'GrantWindowInput', 'grant { id }', (side) => ({
      shipment: cargo('to grant', side).globalId,
      organisation: guestName(side),
    })),
    own: ['COMPANY_ADMINISTRATOR'],
  },
  withdrawWindow: {
    text: `mutation ($grant: ID!, $key: IdempotencyKey!) { withdrawWindow(grant: $grant, idempotencyKey: $key) { grant { id } } }`,
    variables: (side) => ({ grant: globalId('WindowGrant', grantOf(side)) }),
    own: ['COMPANY_ADMINISTRATOR'],
  },
};
