import { ZxcvbnFactory, type ZxcvbnResult } from '@zxcvbn-ts/core'
import { adjacencyGraphs, dictionary } from '@zxcvbn-ts/language-common'
import { readCommonPasswords } from './common-passwords.ts'

/** What is known of a password's strength. */
export interface Strength {
  /** zxcvbn's score: 0 (first guesses) to 4 (out of reach). */
  readonly score: number
  /** Whether the common-password filter knows it, whatever its case. */
  readonly isCommon: boolean
  /** zxcvbn's name for the weakest part, for example `simpleRepeat`; undefined when it has none. */
  readonly warning: string | undefined
}

/** Judges one password; `words` are lower-case words an attacker would try first. */
export type Judge = (password: string, words: readonly string[]) => Strength

/** zxcvbn's time grows steeply with length; what comes later can only add strength. */
const longestScored = 64

/**
 * Builds the judge: zxcvbn (Wheeler, USENIX Security 2016) with the dictionaries of
 * @zxcvbn-ts/language-common, and the common-password filter. Costs some 60 ms and 20 MB, so it is
 * built once, in the worker.
 */
export function createJudge(): Judge {
  const zxcvbn = new ZxcvbnFactory({ dictionary, graphs: adjacencyGraphs })
  const common = readCommonPasswords()
  return (password, words) => {
    const scored = [...password].slice(0, longestScored).join('')
    const whole = zxcvbn.check(scored, [...words])
    const bare = withoutWords(scored.toLowerCase(), words)
    const weaker = bare === scored ? whole : weakerOf(whole, zxcvbn.check(bare))
    const ownWords = weaker !== whole && bare !== scored.toLowerCase()
    return {
      score: weaker.score,
      isCommon: common.has(password),
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
