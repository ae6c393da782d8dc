import { ERROR_CODES, type ErrorCategory, type ErrorCode } from './error-codes.js';

/** What is wrong, where, and what would be right. Values must be JSON: they reach GraphQL's `extensions.details` as they are. */
export interface ErrorDetails {
  /** Path of the offending input, as its writer spelt it: `input.period.to`. */
  readonly field?: string;
  /** The offending value, shortened by whoever throws when it may be long. */
  readonly value?: unknown;
  /** What would have been accepted, in words or as a bound. */
  readonly expected?: string;
  readonly [extra: string]: unknown;
}

/**
 * The one error shape of Boxtrail: `{code, category, retryable, details}`.
 * A code's category and whether a retry can help are properties of the code, held in `error-codes.ts`.
 */
export class DomainError extends Error {
  readonly code: ErrorCode;
  readonly details: ErrorDetails;

  constructor(code: ErrorCode, details: ErrorDetails = {}, options?: { message?: string; cause?: unknown }) {
    super(
      options?.message ?? ERROR_CODES[code].en,
      options?.cause === undefined ? undefined : { cause: options.cause },
    );
    this.name = 'DomainError';
    this.code = code;
    this.details = details;
  }

  get category(): ErrorCategory {
    return ERROR_CODES[this.code].category;
  }

  get retryable(): boolean {
    return ERROR_CODES[this.code].retryable;
  }

  /** The shape that crosses a process or API boundary. */
  toJSON(): { code: ErrorCode; category: ErrorCategory; retryable: boolean; message: string; details: ErrorDetails } {
    return {
      code: this.code,
      category: this.category,
      retryable: this.retryable,
      message: this.message,
      details: this.details,
    };
  }
}
