import { DomainError } from '#libs/kernel';
import { describe, expect, it } from '@jest/globals';
import { buildSchema, parse } from 'graphql';
import { readSchema } from '../schema.files.js';
import { costOf, type Variables } from './cost.js';

const schema = buildSchema(readSchema());
const cost = (query: string, variables?: Variables): number => costOf(schema, parse(query), null, variables);
const refusal = (query: string, variables?: Variables): unknown => {
  try {
    return cost(query, variables);
  } catch (error) {
    return error instanceof DomainError ? [error.code, error.details.field] : error;
  }
};

describe('the cost of an operation', () => {
  it('counts a page as often as it asks for, by a literal, a variable or the default', () => {
    expect(cost('{ events(first: 7) { nodes { id } } }')).toBe(7 * (1 + 1));
    expect(cost('query ($n: Int!) { events(first: $n) { edges { node { id } } } }', { n: 3 })).toBe(3 * (1 + 2));
    expect(cost('{ events { nodes { id } } }')).toBe(50 * 2);
  });

  it('multiplies pages within pages, and takes lists without a page as ten long', () => {
    // 2 shipments, each: itself, its node, 10 boxes, each: itself, the container, and 5 events with their nodes
    expect(
      cost('{ shipments(first: 2) { nodes { containers { container { events(first: 5) { nodes { id } } } } } } }'),
    ).toBe(2 * (1 + 1 + 10 * (1 + 1 + 5 * 2)));
  });

  it('sees through fragments, and costs only the operation that is asked for', () => {
    const fragments = '{ ...a } fragment a on Query { ... on Query { events(first: 4) { nodes { id } } } }';
    expect(cost(fragments)).toBe(8);
    const two = 'query small { viewer { role } } query large { events(first: 200) { nodes { id } } }';
    expect(costOf(schema, parse(two), 'small', null)).toBe(1);
    expect(costOf(schema, parse(two), 'large', null)).toBe(400);
  });

  it('sees what a node may be', () => {
    expect(cost('{ node(id: "x") { ... on Container { events(first: 9) { nodes { id } } } } }')).toBe(1 + 18);
  });

  it('refuses a page out of bounds wherever it stands, and what no answer should hold', () => {
    expect(refusal('{ events(first: 1000000000) { nodes { id } } }')).toEqual(['INVALID_PAGE_SIZE', 'first']);
    expect(refusal('query ($n: Int!) { events(first: $n) { nodes { id } } }', { n: 0 })).toEqual([
      'INVALID_PAGE_SIZE',
      'first',
    ]);
    expect(
      refusal(
        '{ node(id: "x") { ... on Shipment { containers { container { events(first: 201) { nodes { id } } } } } } }',
      ),
    ).toEqual(['INVALID_PAGE_SIZE', 'first']);
    expect(
      refusal(
        '{ shipments(first: 200) { nodes { containers { container { events(first: 200) { nodes { id } } } } } } }',
      ),
    ).toEqual(['LIMIT_EXCEEDED', 'query']);
  });
});
