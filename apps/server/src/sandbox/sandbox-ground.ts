import { enrolPerson, issueToken, type Role, type Vault } from '#libs/identity';
import { derivedId, DomainError } from '#libs/kernel';
import type { Tx } from '#libs/persistence';
import { SANDBOX_UNLOCODE } from '#libs/tracking';
import { MOST_SANDBOXES, sandboxOrigin, sandboxPlaces, sandboxSite, square, YARD_WEST_M } from './sandbox-plan.js';

/** Who can be in a sandbox; each of an organisation of its own. */
const PEOPLE = [
  { role: 'GATE_OPERATOR', kind: 'TERMINAL', word: 'TERMINAL', zh: '沙箱码头' },
  { role: 'LOGISTICS', kind: 'LOGISTICS_COMPANY', word: 'COMPANY', zh: '沙箱物流企业' },
  { role: 'CUSTOMS_OFFICER', kind: 'CUSTOMS_OFFICE', word: 'CUSTOMS', zh: '沙箱海关' },
] as const satisfies readonly { role: Role; kind: string; word: string; zh: string }[];

export interface SandboxToken {
  readonly role: Role;
  readonly token: string;
}

export interface OpenedSandbox {
  readonly siteId: string;
  /** Drawn anew at each call, told once. */
  readonly tokens: readonly SandboxToken[];
}

/**
 * Makes a sandbox with its site, organisations and shipments, or finds the one of this name, and draws a token for each of its people.
 * @throws DomainError INVALID_INPUT for its name, LIMIT_EXCEEDED when there are 100
 */
export async function openSandbox(tx: Tx, vault: Vault, name: string): Promise<OpenedSandbox> {
  const siteId = sandboxSite(name);
  const known = await tx.query('SELECT 1 FROM sandbox WHERE site_id = $1 FOR UPDATE', [siteId]);
  if (known.length === 0) await makeSandbox(tx, siteId, name);
  const tokens: SandboxToken[] = [];
  for (const { role, word } of PEOPLE) {
    const member = await enrolPerson(tx, vault, {
      organisationCode: `${siteId}-${word}`,
      role,
      displayName: `Sandbox ${name} ${role}`,
    });
    tokens.push({ role, token: await issueToken(tx, { ...member, role }) });
  }
  return { siteId, tokens };
}

async function makeSandbox(tx: Tx, siteId: string, name: string): Promise<void> {
  const ordinal = await nextOrdinal(tx);
  await makePlaces(tx, siteId, name, ordinal);
  const organisation = (word: string): string => derivedId('sandbox organisation', siteId, word);
  const shipment = (trade: string): string => derivedId('sandbox shipment', siteId, trade);
  for (const { kind, word, zh } of PEOPLE) {
    await tx.query(
      `INSERT INTO organisation (id, kind, name, name_zh, code, state) VALUES ($1, $2, $3, $4, $5, 'VERIFIED')`,
      [organisation(word), kind, `Sandbox ${name} ${word.toLowerCase()}`, `${zh} ${name}`, `${siteId}-${word}`],
    );
  }
  await tx.query('INSERT INTO organisation_site (organisation_id, site_id) VALUES ($1, $3), ($2, $3)', [
    organisation('TERMINAL'),
    organisation('CUSTOMS'),
    siteId,
  ]);
  const { terminal } = sandboxPlaces(siteId);
  for (const { trade, codes } of [
    { trade: 'EXPORT', codes: ['GTIN', 'LOAD'] },
    { trade: 'IMPORT', codes: ['DISC', 'GTOT'] },
  ]) {
    await tx.query(
      `INSERT INTO shipment (id, reference, booking_number, bill_number, trade, created_at) VALUES ($1, $2, $3, $4, $5, now())`,
      [shipment(trade), `SBX-${name}-${trade}`, `SBX-${name}-BKG-${trade}`, `SBX-${name}-BL-${trade}`, trade],
    );
    await tx.query(`INSERT INTO shipment_party (shipment_id, organisation_id, role) VALUES ($1, $2, 'FORWARDER')`, [
      shipment(trade),
      organisation('COMPANY'),
    ]);
    for (const [index, code] of codes.entries()) {
      await tx.query(
        'INSERT INTO milestone (shipment_id, ordinal, code, site_id, zone_id) VALUES ($1, $2, $3, $4, $5)',
        [shipment(trade), index + 1, code, siteId, terminal],
      );
    }
  }
  await tx.query(
    'INSERT INTO sandbox (site_id, ordinal, company_id, export_shipment_id, import_shipment_id) VALUES ($1, $2, $3, $4, $5)',
    [siteId, ordinal, organisation('COMPANY'), shipment('EXPORT'), shipment('IMPORT')],
  );
  await tx.query('INSERT INTO sandbox_member (organisation_id, site_id) SELECT unnest($1::uuid[]), $2', [
    PEOPLE.map(({ word }) => organisation(word)),
    siteId,
  ]);
}

async function nextOrdinal(tx: Tx): Promise<number> {
  await tx.query('LOCK TABLE sandbox IN SHARE ROW EXCLUSIVE MODE');
  const [row] = await tx.query<{ next: number }>('SELECT (coalesce(max(ordinal), -1) + 1)::int AS next FROM sandbox');
  const ordinal = row?.next ?? 0;
  if (ordinal >= MOST_SANDBOXES) {
    throw new DomainError('LIMIT_EXCEEDED', { limit: 'sandboxes', expected: `at most ${MOST_SANDBOXES}` });
  }
  return ordinal;
}

async function makePlaces(tx: Tx, siteId: string, name: string, ordinal: number): Promise<void> {
  const origin = sandboxOrigin(ordinal);
  const { gateId, laneIn, laneOut, terminal, yard } = sandboxPlaces(siteId);
  await tx.query(
    `INSERT INTO site (id, un_locode, smdg_code, name, name_zh, longitude, latitude) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
    [siteId, SANDBOX_UNLOCODE, name, `Sandbox ${name}`, `沙箱 ${name}`, origin.longitude, origin.latitude],
  );
  const zones = [
    { id: terminal, kind: 'TERMINAL', zh: '沙箱码头', ring: square(origin, -800, -800, 800, 800) },
    { id: yard, kind: 'YARD', zh: '沙箱堆场', ring: square(origin, YARD_WEST_M, -300, YARD_WEST_M + 400, 300) },
  ];
  for (const { id, kind, zh, ring } of zones) {
    await tx.query(
      `INSERT INTO zone (id, site_id, kind, name, name_zh, geometry, buffer_m, dwell_ms) VALUES ($1, $2, $3, $1, $4, $5, 15, 30000)`,
      [id, siteId, kind, zh, JSON.stringify({ type: 'Polygon', coordinates: [ring] })],
    );
  }
  await tx.query(
    `INSERT INTO gate (id, site_id, name, name_zh, zone_id) VALUES ($1, $2, 'Sandbox gate', '沙箱闸口', $3)`,
    [gateId, siteId, terminal],
  );
  await tx.query(
    `INSERT INTO lane (id, site_id, gate_id, number, direction, zone_id) VALUES ($1, $3, $4, 1, 'IN', $5), ($2, $3, $4, 2, 'OUT', $5)`,
    [laneIn, laneOut, siteId, gateId, terminal],
  );
}
