import type { Flows } from './flows.ts'
import type { Issuing } from './issuing.ts'

/** What the doors of sign-in share: one place that decides and issues, and the flows between two steps. */
export interface DoorTools {
  readonly issuing: Issuing
  readonly flows: Flows
}
