export { type CspAdviceCode, cspAdvice } from './advice.ts'
export {
  type CspQuery,
  CspReports,
  type CspReportsParts,
  type CspSummary,
  type ReportedPolicy,
} from './csp-reports.ts'
export { type Policy, reportedDirectives } from './directives.ts'
export { cspErrors } from './errors.ts'
export type { OwnPlaces } from './read-reports.ts'
export { type CspRouteParts, cspRoutes } from './routes.ts'
export type { CspFinding } from './store.ts'
export type { CspPageAdvice, CspSourceSuggestion, CspSuggestion } from './suggest.ts'
export { type CspReportRow, cspMigrations } from './table.ts'
