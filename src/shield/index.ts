export { type AddressStepParts, targetErrors } from './address-steps.ts'
export { type AuthenticationParts, authenticate } from './authentication.ts'
export { type CompiledCors, compileCors, corsErrors } from './cors.ts'
export {
  checkCrossSite,
  checkCsrf,
  csrfErrors,
  csrfToken,
  matchesCsrfField,
  type SiteFacts,
} from './csrf.ts'
export { type CompiledHeaders, compileHeaders, leakingHeaders } from './headers.ts'
export { defaultDirectives } from './headers-csp.ts'
export { headerErrors } from './headers-errors.ts'
export { NoncePool } from './headers-nonce.ts'
export { localhostRedirect } from './host.ts'
export { httpsErrors, httpsLocation } from './https.ts'
export {
  enterNamed,
  nameOrganisation,
  type OrganisationNaming,
  refuseRealm,
} from './organisation.ts'
export {
  checkUpgradeOrigin,
  type PipelineParts,
  pipeline,
  runPipeline,
  siteFacts,
} from './pipeline.ts'
export {
  demandFreshProof,
  demandOwnLevel,
  demandSession,
  enforcePolicy,
  enforceStepUp,
  type ProofRule,
  requireAuth,
  type StepUpRule,
} from './policy.ts'
export { type ProofOptions, type ReadProof, readProofOptions } from './proof-options.ts'
export { proofRequired } from './proof-required.ts'
export { Quotas } from './quotas.ts'
export { checkSize, type SizeLimits, sizeErrors } from './size.ts'
