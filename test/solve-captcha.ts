import { hash } from 'node:crypto'

/** A challenge of ALTCHA as `GET /auth/captcha` and a sign-in give it. */
export interface WorkChallenge {
  readonly algorithm: string
  readonly challenge: string
  readonly maxnumber: number
  readonly salt: string
  readonly signature: string
}

/** Finds the number, as a browser would, and writes the solution as the ALTCHA widget does. */
export function solveCaptcha(given: WorkChallenge): string {
  const { algorithm, challenge, maxnumber, salt, signature } = given
  for (let number = 0; number <= maxnumber; number++) {
    if (hash('sha256', `${salt}${number}`, 'hex') !== challenge) continue
    const solution = { algorithm, challenge, number, salt, signature, took: 1 }
    return Buffer.from(JSON.stringify(solution)).toString('base64')
  }
  throw new Error('no number solves the challenge')
}
