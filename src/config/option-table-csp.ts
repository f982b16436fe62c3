import { flag, list, orOff, text } from './fields.ts'
import { dictionary, group, matching } from './option-parts.ts'
import type { CspCandidateOptions, CspOptions } from './options-csp.ts'

const source = text({
  max: 500,
  accepts: 'source',
  flaw: matching(
    /^[\x21-\x2b\x2d-\x3a\x3c-\x7e]+$/,
    `must be one source, without spaces, ',' or ';'.`,
  ),
})

const directives = dictionary(/^[a-z]+(?:-[a-z]+)*$/, orOff(list(source)))

export const contentSecurityPolicy = group<CspOptions>(
  {
    directives,
    reportOnly: flag(false),
    candidate: group<CspCandidateOptions>({ directives }, { optional: true }),
    reports: flag(true),
    reportUri: text({
      max: 500,
      flaw: matching(
        /^(?:https:\/\/|\/)[\x21-\x2b\x2d-\x3a\x3c-\x7e]*$/,
        `must begin with 'https://' or '/'.`,
      ),
    }),
  },
  { canBeOff: true },
)
