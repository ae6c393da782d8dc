export { targetingEntities } from './entities/index.js';
export { commandTarget, selectTarget, type Officer, type Selection } from './target.commands.js';
export { TARGET_STATES, type TargetCommand, type TargetState } from './target.states.js';
