import { accessEvents } from '../access/index.ts'
import { adminEvents } from '../admin/index.ts'
import { apiKeyEvents } from '../api-keys/index.ts'
import { detectionEvents } from '../detection/index.ts'
import { devicesEvents } from '../devices/index.ts'
import { enrolmentEvents } from '../enrolment/index.ts'
import type { EventDefinitions } from '../events/index.ts'
import { factorEvents } from '../factors/index.ts'
import { importEvents } from '../imports/index.ts'
import { ipRuleEvents } from '../ip-rules/index.ts'
import { limitEvents } from '../limits/index.ts'
import { organisationEvents } from '../organisations/index.ts'
import { passkeyEvents } from '../passkeys/index.ts'
import { passwordProofEvents } from '../passwords/index.ts'
import { recoveryEvents } from '../recovery/index.ts'
import { sessionEvents } from '../sessions/index.ts'
import { signInEvents } from '../sign-in/index.ts'
import { signUpEvents } from '../sign-up/index.ts'
import { signatureEvents } from '../signatures/index.ts'
import { throttleEvents } from '../throttle/index.ts'
import { webhookEvents } from '../webhooks/index.ts'

/** Every event of this release; a room that declares one and is missing here does not compile. */
export const eventDefinitions: EventDefinitions = Object.freeze({
  ...accessEvents,
  ...adminEvents,
  ...apiKeyEvents,
  ...detectionEvents,
  ...devicesEvents,
  ...enrolmentEvents,
  ...factorEvents,
  ...importEvents,
  ...ipRuleEvents,
  ...limitEvents,
  ...organisationEvents,
  ...passkeyEvents,
  ...passwordProofEvents,
  ...recoveryEvents,
  ...sessionEvents,
  ...signatureEvents,
  ...signInEvents,
  ...signUpEvents,
  ...throttleEvents,
  ...webhookEvents,
})
