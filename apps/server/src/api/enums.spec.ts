import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { buildSchema, isEnumType } from 'graphql';
import { readSchema } from './schema.files.js';

/** `CHECK (column IN (…))` of the first migration: table → column → values. */
function checkedValues(table: string, column: string): string[] {
  const file = resolve(import.meta.dirname, '../../../../libs/persistence/src/migrations/1_first_house.ts');
  const [, body = ''] = readFileSync(file, 'utf8').split(`CREATE TABLE ${table} (`);
  const [own = ''] = body.split('CREATE TABLE ');
  const list = new RegExp(`\\b${column} IN \\(([^)]+)\\)`).exec(own)?.[1] ?? '';
  return list.split(',').map((value) => value.trim().replaceAll("'", ''));
}

describe('an enum of the API', () => {
  const schema = buildSchema(readSchema());

  it.each([
    ['Direction', 'gate_pass', 'direction'],
    ['PassOutcome', 'gate_pass', 'outcome'],
    ['PassSource', 'gate_pass', 'source'],
    ['TruckVisitState', 'truck_visit', 'state'],
    ['TransactionKind', 'visit_transaction', 'kind'],
    ['Fullness', 'visit_transaction', 'fullness'],
    ['UnresolvedReason', 'unresolved_observation', 'reason'],
    ['UnresolvedState', 'unresolved_observation', 'state'],
    ['AlertState', 'alert', 'state'],
    ['AlertSeverity', 'alert', 'severity'],
    ['Role', 'membership', 'role'],
    ['OrganisationKind', 'organisation', 'kind'],
    ['ZoneKind', 'zone', 'kind'],
    ['LaneDirection', 'lane', 'direction'],
    ['AssetKind', 'asset', 'kind'],
    ['EventSource', 'tracking_event', 'source'],
    ['Trade', 'shipment', 'trade'],
    ['PartyRole', 'shipment_party', 'role'],
    ['LegMode', 'leg', 'mode'],
  ])('%s has the values that %s.%s takes', (name, table, column) => {
    const type = schema.getType(name);
    const values = isEnumType(type) ? type.getValues().map((value) => value.name) : [];
    expect(values.toSorted()).toEqual(checkedValues(table, column).toSorted());
  });
});
