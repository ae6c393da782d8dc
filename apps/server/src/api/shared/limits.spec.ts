import { DomainError } from '#libs/kernel';
import { describe, expect, it } from '@jest/globals';
import { getIntrospectionQuery } from 'graphql';
import { OWN_DOCUMENTS } from '../../documents/index.js';
import { refuseUnbounded } from './limits.js';

const limitOf = (query: string): unknown => {
  try {
    refuseUnbounded(query);
    return undefined;
  } catch (error) {
    return error instanceof DomainError && error.code === 'LIMIT_EXCEEDED' ? error.details['limit'] : error;
  }
};

describe('a document', () => {
  it.each([...OWN_DOCUMENTS.values(), getIntrospectionQuery(), '{ torn', '{ ...a } fragment a on Q { ...a }'])(
    'passes when it is bounded or is for GraphQL to refuse (%#)',
    (query) => {
      expect(limitOf(query)).toBeUndefined();
    },
  );

  it('is refused when it is too deep, also through fragments', () => {
    expect(limitOf(`${'{ a '.repeat(14)}${'}'.repeat(14)}`)).toBeUndefined();
    expect(limitOf(`${'{ a '.repeat(15)}${'}'.repeat(15)}`)).toBe('depth of a document');
    expect(
      limitOf(
        `{ ${'a { '.repeat(8)} ...f ${'}'.repeat(8)} } fragment f on Q { ${'a { '.repeat(7)} b ${'}'.repeat(7)} }`,
      ),
    ).toBe('depth of a document');
  });

  it('is refused when it asks for too many fields, also through fragments that double', () => {
    expect(limitOf(`{ ${Array.from({ length: 501 }, (_, at) => `a${at}`).join(' ')} }`)).toBe('fields of a document');
    const doubling = Array.from(
      { length: 12 },
      (_, at) => `fragment f${at} on Q { a { ...f${at + 1} } b { ...f${at + 1} } }`,
    ).join(' ');
    expect(limitOf(`{ ...f0 } ${doubling} fragment f12 on Q { x }`)).toBe('fields of a document');
  });

  it('is refused when one field is asked for again and again in one place', () => {
    expect(limitOf(`{ ${'a { b } '.repeat(11)} }`)).toBe('fields called a in one selection');
    expect(limitOf(`{ ${'... { a { b } } '.repeat(11)} }`)).toBe('fields called a in one selection');
  });

  it('is refused when it is too long', () => {
    expect(limitOf(`{ ${'a '.repeat(5_000)} }`)).toBe('tokens of a document');
  });
});
