import { ZxcvbnFactory, type ZxcvbnResult } from '@zxcvbn-ts/core'
import { adjacencyGraphs, dictionary } from '@zxcvbn-ts/language-common'

/** What is known of a password's strength. */
export interface Strength {
  /** zxcvbn's score: 0 (first guesses) to 4 (out of reach). */
  readonly score: number
  /** Whether it stands in the list of common passwords, whatever its case. */
  readonly isCommon: boolean
  /** zxcvbn's name for the weakest part, for example `simpleRepeat`; undefined when it has none. */
  readonly warning: string | undefined
}

/** Judges one password; `words` are lower-case words an attacker would try first. */
export type Judge = (password: string, words: readonly string[]) => Strength

/** zxcvbn's time grows steeply with length; what comes later can only add strength. */
const longestScored = 64

/**
 * Builds the judge: zxcvbn (Wheeler, USENIX Security 2016) and the common-password filter. The
 * filter is the list `passwords-common` of @zxcvbn-ts/language-common 4.1.3 (2026-07-16): 49,233
 * passwords in lower case; the package does not say which collections it was made from. It is a
 * list of common passwords and does not claim to know breaches. Costs some 50 ms and 20 MB, so it
 * is built once, in the worker.
 */
export function createJudge(): Judge {
  const zxcvbn = new ZxcvbnFactory({ dictionary, graphs: adjacencyGraphs })
  const common = new Set(dictionary['passwords-common'])
  return (password, words) => {
    const scored = [...password].slice(0, longestScored).join('')
    const whole = zxcvbn.check(scored, [...words])
    const bare = withoutWords(scored.toLowerCase(), words)
    const weaker = bare === scored ? whole : weakerOf(whole, zxcvbn.check(bare))
    const ownWords = weaker !== whole && bare !== scored.toLowerCase()
    return {
      score: weaker.score,
      isCommon: common.has(password.toLowerCase()),
      warning: ownWords ? 'userInputs' : (weaker.feedback.warning ?? undefined),
    }
  }
}

/**
 * What is left when the account's own words are taken out. Someone who knows the account gets them
 * for free, and zxcvbn alone is too kind to several of them in a row, and to a pattern in capitals.
 */
function withoutWords(password: string, words: readonly string[]): string {
  return words.reduce((rest, word) => rest.replaceAll(word, ''), password)
}

function weakerOf(whole: ZxcvbnResult, bare: ZxcvbnResult): ZxcvbnResult {
  return bare.score < whole.score ? bare : whole
}
