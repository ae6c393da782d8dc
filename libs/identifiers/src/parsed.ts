/** What a reader of identifiers answers; it never throws for bad input. */
export type Parsed<M, R extends string = string> = { readonly ok: true; readonly message: M } | Refused<R>;

export interface Refused<R extends string = string> {
  readonly ok: false;
  /** Short, stable, lower case. */
  readonly reason: R;
  /** For a person: the offending value and what was expected. */
  readonly detail: string;
}

export function accept<M>(message: M): { readonly ok: true; readonly message: M } {
  return { ok: true, message };
}

export function refuse<R extends string>(reason: R, detail: string): Refused<R> {
  return { ok: false, reason, detail };
}

/** A value in a message to a person: quoted, and cut at 80 characters so that a flood stays short. */
export function quoted(value: string): string {
  return JSON.stringify(value.length > 80 ? `${value.slice(0, 80)}…` : value);
}
