import type { SignatureConfig } from './config-signatures.ts'
import type { Faults } from './faults.ts'

/** Reports keys that do not go with their algorithm. */
export function checkSignatureKeys({ keys }: SignatureConfig, faults: Faults): void {
  for (const [id, { algorithm, publicKey, secret }] of Object.entries(keys)) {
    const path = `signatures.keys.${id}`
    const [wanted, given, other] =
      algorithm === 'hmac-sha256'
        ? (['secret', secret, publicKey] as const)
        : (['publicKey', publicKey, secret] as const)
    if (given === undefined) faults.add(`${path}.${wanted}`, `is missing: ${algorithm} needs it.`)
    else if (other !== undefined) {
      faults.add(path, `must hold \`${wanted}\` alone: ${algorithm} uses nothing else.`)
    }
  }
}
