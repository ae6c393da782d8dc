/** The command was called wrongly: told with its usage, exit code 2. */
export class UsageError extends Error {}
