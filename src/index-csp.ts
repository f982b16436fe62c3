export type {
  CspAdviceCode,
  CspFinding,
  CspPageAdvice,
  CspQuery,
  CspReports,
  CspSourceSuggestion,
  CspSuggestion,
  CspSummary,
} from './csp/index.ts'
