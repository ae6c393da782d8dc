import { DomainError } from '#libs/kernel';
import { defaultFieldResolver, isObjectType, type GraphQLSchema } from 'graphql';

/**
 * Puts a check before each field that takes arguments: PostgreSQL's text holds no U+0000, and a statement that carries one fails.
 * What is refused is told as INVALID_INPUT with the path of the argument.
 */
export function refuseUnstorableText(schema: GraphQLSchema): GraphQLSchema {
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type) || type.name.startsWith('__')) continue;
    for (const field of Object.values(type.getFields())) {
      if (field.args.length === 0) continue;
      const { resolve = defaultFieldResolver, subscribe } = field;
      if (subscribe !== undefined) {
        field.subscribe = (source, args: unknown, context, info): unknown => {
          checkText(args);
          return subscribe(source, args, context, info);
        };
      } else {
        field.resolve = (source, args: unknown, context, info): unknown => {
          checkText(args);
          return resolve(source, args, context, info);
        };
      }
    }
  }
  return schema;
}

/** @throws DomainError INVALID_INPUT */
export function checkText(value: unknown, path: readonly string[] = []): void {
  if (typeof value === 'string' && value.includes('\0')) {
    throw new DomainError('INVALID_INPUT', { field: path.join('.'), expected: 'text without U+0000' });
  }
  if (typeof value !== 'object' || value === null) return;
  for (const [name, inner] of Object.entries(value)) checkText(inner, [...path, name]);
}
