import { accessMigrations } from '../access/index.ts'
import { adminMigrations } from '../admin/index.ts'
import { apiKeyMigrations } from '../api-keys/index.ts'
import { auditMigrations } from '../audit/index.ts'
import { captchaMigrations } from '../captcha/index.ts'
import { cspMigrations } from '../csp/index.ts'
import { installationMigrations, type Migration } from '../database/index.ts'
import { devicesMigrations } from '../devices/index.ts'
import { factorMigrations } from '../factors/index.ts'
import { importMigrations } from '../imports/index.ts'
import { ipRuleMigrations } from '../ip-rules/index.ts'
import { jobMigrations } from '../jobs/index.ts'
import { limitMigrations } from '../limits/index.ts'
import { mailMigrations } from '../mail/index.ts'
import { noticesMigrations } from '../notices/index.ts'
import { organisationMigrations } from '../organisations/index.ts'
import { passkeyMigrations } from '../passkeys/index.ts'
import { passwordsMigrations } from '../passwords/index.ts'
import { recoveryMigrations } from '../recovery/index.ts'
import { revocationMigrations } from '../revocation/index.ts'
import { sessionsMigrations } from '../sessions/index.ts'
import { shadowMigrations } from '../shadow/index.ts'
import { signInMigrations } from '../sign-in/index.ts'
import { signUpMigrations } from '../sign-up/index.ts'
import { signatureMigrations } from '../signatures/index.ts'
import { throttleMigrations } from '../throttle/index.ts'
import { usersMigrations } from '../users/index.ts'
import { webhookMigrations } from '../webhooks/index.ts'

/** Every migration of this release. A room comes after those whose tables it refers to. */
export const migrations: readonly Migration[] = Object.freeze([
  ...installationMigrations,
  ...auditMigrations,
  ...jobMigrations,
  ...revocationMigrations,
  ...limitMigrations,
  ...mailMigrations,
  ...captchaMigrations,
  ...throttleMigrations,
  ...usersMigrations,
  ...devicesMigrations,
  ...passwordsMigrations,
  ...factorMigrations,
  ...passkeyMigrations,
  ...accessMigrations,
  ...sessionsMigrations,
  ...organisationMigrations,
  ...apiKeyMigrations,
  ...signUpMigrations,
  ...signInMigrations,
  ...recoveryMigrations,
  ...adminMigrations,
  ...noticesMigrations,
  ...importMigrations,
  ...shadowMigrations,
  ...signatureMigrations,
  ...ipRuleMigrations,
  ...cspMigrations,
  ...webhookMigrations,
])
