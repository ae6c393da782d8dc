export { GateCommands, type Actor, type ReportPassInput, type ResolveObservationInput } from './gate-commands.js';
export { Ingest } from './ingest.js';
export { trackingEntities } from './entities/index.js';
