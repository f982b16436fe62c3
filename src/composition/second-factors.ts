import type { Access } from '../access/index.ts'
import { Enrolment } from '../enrolment/index.ts'
import type { Factors } from '../factors/index.ts'
import { Passkeys } from '../passkeys/index.ts'
import type { AccessTokens, Sessions, Verdicts } from '../sessions/index.ts'
import type { Ground } from './ground.ts'

interface Used {
  readonly access: Access
  readonly factors: Factors
  readonly sessions: Sessions
  readonly verdicts: Verdicts
  readonly tokens: AccessTokens
}

/** What is proven beside a password, and how it comes to an account. */
export interface SecondFactors {
  readonly factors: Factors
  readonly passkeys: Passkeys
  readonly enrolment: Enrolment
}

/** Wires the rooms of second factors; passkeys are bound to the host of `baseUrl` alone. */
export function wireSecondFactors(ground: Ground, used: Used): SecondFactors {
  const { config, database, devices, recorder, revocations } = ground
  const { appName, baseUrl, clock, mfa, random, stepUp } = config
  const passkeys = new Passkeys({
    ...{ database, recorder, clock, random, baseUrl, appName },
    rules: config.passkeys,
  })
  const enrolment = new Enrolment({
    ...{ ...used, database, devices, recorder, revocations, passkeys, clock, mfa },
    stepUpMs: stepUp.withinMs,
  })
  return { factors: used.factors, passkeys, enrolment }
}
