/** What the service refused, in its one error shape; `docs/ERRORS.md` has every code. */
export class BoxtrailError extends Error {
  constructor(
    message: string,
    readonly code: string,
    /** Whether the same request can succeed later without a change. */
    readonly retryable: boolean,
    readonly details: Readonly<Record<string, unknown>>,
    readonly messageZh: string | null,
  ) {
    super(message);
    this.name = 'BoxtrailError';
  }
}

/** An error as GraphQL tells it. */
export interface ToldError {
  readonly message: string;
  readonly extensions?: Readonly<Record<string, unknown>>;
}

export function errorOf({ message, extensions = {} }: ToldError): BoxtrailError {
  const { code, retryable, details, messageZh } = extensions;
  return new BoxtrailError(
    message,
    typeof code === 'string' ? code : 'INTERNAL',
    retryable === true,
    typeof details === 'object' && details !== null ? (details as Record<string, unknown>) : {},
    typeof messageZh === 'string' ? messageZh : null,
  );
}
