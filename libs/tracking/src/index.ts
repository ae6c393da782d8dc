export { GateCommands, type Actor, type ReportPassInput, type ResolveObservationInput } from './gate-commands.js';
export { Ingest, type Admission } from './ingest.js';
export { SANDBOX_OFFICE, SANDBOX_OWNER, SANDBOX_UNLOCODE } from './sandbox-numbers.js';
export type { NewAlert } from './batch.js';
export { raiseAlerts } from './stages/alerts.js';
export { trackingEntities } from './entities/index.js';
