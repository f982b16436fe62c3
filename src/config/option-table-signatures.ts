import { createPublicKey } from 'node:crypto'
import { duration, type Leaf, oneOf, strongSecret } from './fields.ts'
import { dictionary, group } from './option-parts.ts'
import type { SignatureKeyOptions, SignatureOptions } from './options-signatures.ts'

/** A public key in PEM. A private one in its place is refused: it has no business here. */
const publicKey: Leaf = {
  kind: 'leaf',
  suffix: '',
  accepts: 'public key (PEM)',
  read: (value, { path, faults }) =>
    typeof value === 'string' && isPublicKey(value)
      ? value
      : faults.add(path, 'must be a public key in PEM, "-----BEGIN PUBLIC KEY-----" and so on.'),
}

function isPublicKey(pem: string): boolean {
  if (pem.length > 10_000 || pem.includes('PRIVATE')) return false
  try {
    return createPublicKey(pem).type === 'public'
  } catch {
    return false
  }
}

export const signatures = group<SignatureOptions>({
  window: duration({ min: '10s', max: '1h', fallback: '5m' }),
  keys: dictionary(
    /^[A-Za-z0-9][\w.:@/-]{0,99}$/,
    group<SignatureKeyOptions>({
      algorithm: {
        ...oneOf(['ed25519', 'ecdsa-p256-sha256', 'hmac-sha256', 'rsa-pss-sha512']),
        required: true,
      },
      publicKey,
      secret: strongSecret({ advice: 'Run `holdfast secrets generate` and give both sides one.' }),
    }),
  ),
})
