export {
  type AssuranceRules,
  acrOf,
  type Factor,
  type FactorMethod,
  levelOf,
  levelOfAcr,
  type RequiredOf,
  requiredLevel,
} from './assurance.ts'
