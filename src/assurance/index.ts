export {
  type AssuranceRules,
  acrOf,
  amrOf,
  type Factor,
  type FactorMethod,
  levelOf,
  levelOfAcr,
  type RequiredOf,
  requiredLevel,
} from './assurance.ts'
