/** An error that a person can act on: printed without a stack. */
export class Advice extends Error {
  advice = true;
}
