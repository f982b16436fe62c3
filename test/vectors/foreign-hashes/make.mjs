/** Makes better-auth.json with the real library. See README.md for the version. */
import { hashPassword } from 'better-auth/crypto'

const made = []
// The second is changed by NFKC, which Better Auth applies: a ligature and a full-width letter.
for (const password of ['Gr\u00fc\u00dfe aus K\u00f6ln, 17 \u{1f511}', '\ufb01le \uff21nd more']) {
  made.push({ by: 'scrypt (Better Auth)', password, hash: await hashPassword(password) })
}
console.log(JSON.stringify(made, null, 1))
