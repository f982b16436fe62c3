export {
  type Auth,
  type ClientAddress,
  type CredentialKind,
  type Exchange,
  type ExchangeState,
  newExchangeState,
  originOf,
  type RequestHeaders,
  singleHeader,
} from './exchange.ts'
export {
  type Answer,
  type Call,
  type Route,
  type RouteDefinition,
  type RoutePolicy,
  type RouteResponse,
  route,
} from './route.ts'
