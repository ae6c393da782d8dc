/** Where Nest keeps the process's Logger, which is a type and no class. */
export const LOGGER = Symbol('Logger');
