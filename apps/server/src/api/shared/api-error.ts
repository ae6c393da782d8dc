import { DomainError, ERROR_CODES, newId, type ErrorCategory, type ErrorCode, type Logger } from '#libs/kernel';
import {
  GraphQLError,
  Kind,
  parse,
  visit,
  type ArgumentNode,
  type ASTNode,
  type GraphQLFormattedError,
  type ObjectFieldNode,
  type Source,
} from 'graphql';

/** REST answers by category. GraphQL answers 200 with `errors`, as its clients expect. */
export const HTTP_STATUS: Readonly<Record<ErrorCategory, number>> = {
  INVALID: 422,
  UNAUTHENTICATED: 401,
  FORBIDDEN: 403,
  NOT_FOUND: 404,
  CONFLICT: 409,
  LIMIT: 413,
  UNAVAILABLE: 503,
  INTERNAL: 500,
};

/** The one shape in which an error leaves the service. */
export interface ErrorExtensions {
  readonly code: ErrorCode;
  readonly category: ErrorCategory;
  readonly retryable: boolean;
  readonly details: Readonly<Record<string, unknown>>;
  readonly messageZh: string;
  readonly [extra: string]: unknown;
}

export function errorExtensions(error: DomainError): ErrorExtensions {
  const { code, category, retryable, details } = error;
  return { code, category, retryable, details: { ...details }, messageZh: ERROR_CODES[code].zh };
}

/**
 * Anything thrown as a DomainError. What is none is our fault: its text stays in the log, under an id that the caller is told.
 */
export function toDomainError(error: unknown, logger: Logger): DomainError {
  const domainError = domainErrorIn(error);
  if (domainError !== undefined && domainError.category !== 'INTERNAL') return domainError;
  const errorId = newId();
  logger.error({ err: error, errorId }, 'an error of ours');
  return new DomainError('INTERNAL', { errorId }, { cause: error });
}

/** GraphQL wraps what resolvers and scalars throw, sometimes twice. */
function domainErrorIn(error: unknown): DomainError | undefined {
  for (let inner = error; inner !== undefined && inner !== null;) {
    if (inner instanceof DomainError) return inner;
    if (!(inner instanceof GraphQLError)) return undefined;
    inner = inner.originalError;
  }
  return undefined;
}

/** GraphQL's own complaints (syntax, unknown fields, wrong types) are the caller's input; everything else goes by its category. */
export function formatGraphqlError(
  formatted: GraphQLFormattedError,
  error: unknown,
  logger: Logger,
): GraphQLFormattedError {
  if (isComplaint(error)) {
    return answer(
      formatted,
      new DomainError('INVALID_INPUT', fieldDetails(error, error.message), { message: formatted.message }),
    );
  }
  const domainError = toDomainError(error, logger);
  const field =
    error instanceof GraphQLError && domainError.details.field === undefined ? fieldDetails(error, error.message) : {};
  const details = { ...field, ...domainError.details };
  // It says what the asker lacks; other words of ours are for the operator and may name what others have.
  const words = domainError.category === 'FORBIDDEN' ? { message: domainError.message } : {};
  return answer(formatted, new DomainError(domainError.code, details, words));
}

/** Raised by GraphQL itself before anything ran: it has no cause of ours and no place in the answer. */
function isComplaint(error: unknown): error is GraphQLError {
  return error instanceof GraphQLError && !hasForeignCause(error) && error.path === undefined;
}

function hasForeignCause(error: GraphQLError): boolean {
  const cause = error.originalError;
  if (cause === undefined) return false;
  return cause instanceof GraphQLError ? hasForeignCause(cause) : true;
}

function answer({ locations, path }: GraphQLFormattedError, error: DomainError): GraphQLFormattedError {
  return {
    message: error.message,
    ...(locations === undefined ? {} : { locations }),
    ...(path === undefined ? {} : { path }),
    extensions: errorExtensions(error),
  };
}

/** Where the fault stands: the path into a variable as GraphQL words it, or the argument around a literal. */
function fieldDetails(error: GraphQLError, message: string): { field?: string } {
  const variable = /Variable "\$([^"]+)"/.exec(message)?.[1];
  const inside = / at "([^"]+)"/.exec(message)?.[1];
  const field = inside ?? variable ?? argumentPath(error);
  return field === undefined ? {} : { field };
}

/** Source → place in it → names of the arguments around. One document may bear a hundred faults and is read once. */
const argumentsOf = new WeakMap<Source, ReadonlyMap<number, string>>();

function argumentPath({ nodes, source }: GraphQLError): string | undefined {
  const start = nodes?.[0]?.loc?.start;
  if (start === undefined || source === undefined) return undefined;
  const places = argumentsOf.get(source) ?? placesOf(source);
  argumentsOf.set(source, places);
  return places.get(start);
}

function placesOf(source: Source): ReadonlyMap<number, string> {
  const places = new Map<number, string>();
  const names: string[] = [];
  const isNamed = (node: ASTNode): node is ArgumentNode | ObjectFieldNode =>
    node.kind === Kind.ARGUMENT || node.kind === Kind.OBJECT_FIELD;
  visit(parse(source), {
    enter(node: ASTNode) {
      if (isNamed(node)) names.push(node.name.value);
      const start = node.loc?.start;
      if (start !== undefined && names.length > 0 && !places.has(start)) places.set(start, names.join('.'));
    },
    leave(node: ASTNode) {
      if (isNamed(node)) names.pop();
    },
  });
  return places;
}
