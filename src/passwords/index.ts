export { type BreachList, HibpBreaches, type HibpOptions } from './breaches.ts'
export { passwordErrors, refuseWeak } from './errors.ts'
export type { PasswordFault, PasswordFaultCode } from './faults.ts'
export {
  PasswordPolicy,
  type PasswordPolicyOptions,
  type PasswordVerdict,
  type StrengthJudge,
} from './policy.ts'
export { PasswordProof, type PasswordProofParts, type ProofRequest } from './proof.ts'
export {
  type PasswordProofAttacked,
  type PasswordProofFailed,
  passwordProofEvents,
} from './proof-events.ts'
export { type PasswordRouteParts, passwordRoutes } from './routes.ts'
export { blockPassword, findPassword, replaceHash, setPassword } from './store.ts'
export { type PasswordBlock, type PasswordRow, passwordsMigrations } from './table.ts'
export { passwordWords } from './words.ts'
