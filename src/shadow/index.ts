export { shadowErrors } from './errors.ts'
export { fieldName } from './field-name.ts'
export type { RefusalExample } from './refusal-count.ts'
export { RouteNames } from './route-names.ts'
export { type ShadowRouteParts, shadowRoutes } from './routes.ts'
export {
  ShadowLog,
  type ShadowLogParts,
  type WatchedRefusal,
} from './shadow-log.ts'
export {
  type ControlCount,
  type ControlModes,
  type ReportedRefusal,
  type ShieldReport,
  type ShieldReportQuery,
  ShieldWatch,
  type ShieldWatchParts,
} from './shield-watch.ts'
export { type ShieldRefusalRow, shadowMigrations } from './table.ts'
