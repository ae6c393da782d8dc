export { systemClock, ManualClock, type Clock, type EpochMs } from './clock.js';
export { parseConfig, type ConfigFault } from './config.js';
export { dieWithParent } from './die-with-parent.js';
export { DomainError, type ErrorDetails } from './domain-error.js';
export { ERROR_CODES, type ErrorCategory, type ErrorCode } from './error-codes.js';
export { derivedId, newBootId, newId } from './ids.js';
export { createLogger, type Logger } from './logger.js';
export { NestLogger } from './nest-logger.js';
export { stateTable, type StateRow, type StateTable, type Transition } from './state-table.js';
