export type { ServerTlsSettings } from './config/index.ts'
export {
  type AddressResolver,
  createSafeFetch,
  FetchFault,
  type FetchFaultReason,
  fetchErrors,
  isPublicAddress,
  type SafeFetch,
  type SafeFetchOptions,
  type SafeRequest,
  type SafeResponse,
} from './fetching/index.ts'
export { type RedirectRules, redirectErrors, redirectTarget } from './http/index.ts'
