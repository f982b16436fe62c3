export { answerOfProblem } from './answer.ts'
export type {
  Auth,
  ExplainedRule,
  Explanation,
  RowFilter,
  RowOptions,
  SqlFilter,
  SqlFilterOptions,
} from './auth.ts'
export {
  type BodyKind,
  bodyKind,
  declaredLength,
  inputError,
  type ParseBodyOptions,
  parseBody,
  type ReadBodyOptions,
  readBody,
} from './body.ts'
export { bodyErrors, type InputFault, type InputFaultCode } from './body-errors.ts'
export { type CallLimits, readCall } from './call.ts'
export {
  clientIpErrors,
  compileTrustedProxies,
  resolveClient,
  type TrustedProxies,
} from './client-ip.ts'
export { type Address, limitKey, parseAddress } from './client-ip-parse.ts'
export {
  type CookieAttributes,
  type CookieMode,
  clearCookie,
  hostCookie,
  hostCookieName,
  readCookie,
  serializeCookie,
} from './cookie.ts'
export { cursorOf, type PageEnd, readCursor } from './cursor.ts'
export { type Device, deviceOf } from './device.ts'
export type { Entry } from './entry.ts'
export {
  type ClientAddress,
  type CredentialKind,
  clientKeyOf,
  type Exchange,
  type ExchangeState,
  newExchangeState,
  originOf,
  type RequestHeaders,
  singleHeader,
} from './exchange.ts'
export {
  defaultFormBounds,
  type FormBounds,
  type FormFields,
  type FormResult,
  type FormValue,
  readForm,
  readQuery,
} from './form.ts'
export { compileIpRanges, type IpRanges } from './ip-ranges.ts'
export { type Network, type ReadNetwork, readNetwork, wordsOf } from './ip-words.ts'
export { issueText, type SchemaIssue } from './issue-text.ts'
export { defaultJsonBounds, type JsonBounds, type JsonResult, readJson } from './json.ts'
export {
  isCanonicalPath,
  ownPath,
  type PathOwner,
  pathReadings,
  type RequestTarget,
  splitTarget,
} from './path.ts'
export { findPathFault, type PathFault, type PathRules } from './path-fault.ts'
export { pointerStep } from './pointer.ts'
export {
  localTarget,
  type RedirectRules,
  redirectErrors,
  redirectTarget,
} from './redirect-target.ts'
export {
  type Answer,
  type Call,
  type JsonMedia,
  type Route,
  type RouteDefinition,
  type RoutePolicy,
  type RouteResponse,
  route,
} from './route.ts'
export { type RouteMatch, Router } from './router.ts'
