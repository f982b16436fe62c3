export { EventBus, eventErrors, type Listener, refuseUnknownEvent } from './bus.ts'
export type {
  Actor,
  AuditClass,
  EventDefinition,
  EventDefinitions,
  EventInput,
  EventMap,
  EventName,
  Origin,
  Outcome,
  RecordedEvent,
  Resource,
  Severity,
} from './event.ts'
export type { Recorder } from './recorder.ts'
export { RecorderChain } from './recorder-chain.ts'
export { type Counted, Tally } from './tally.ts'
