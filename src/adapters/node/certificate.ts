import { createHash, createPrivateKey, X509Certificate } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { createSecureContext } from 'node:tls'
import { tlsErrors } from './tls-errors.ts'

/** Where a certificate and its key lie, PEM. */
export interface CertificateFiles {
  /** The certificate and, after it, those of the authorities between it and the root. */
  readonly certPath: string
  /** Its private key, without a passphrase. */
  readonly keyPath: string
}

/** A certificate that belongs to its key. */
export interface CertificatePair {
  readonly cert: string
  readonly key: string
  readonly certificate: X509Certificate
  /** Epoch milliseconds. */
  readonly endsAt: number
  /** The same for the same files. */
  readonly fingerprint: string
}

/**
 * Reads both files and checks that they belong together and can be used. Throws `certificate_invalid`,
 * which says what is wrong with which file and never what stands in it.
 */
export async function readCertificate(files: CertificateFiles): Promise<CertificatePair> {
  const [cert, key] = await Promise.all([readText(files.certPath), readText(files.keyPath)])
  const certificate = attempt(
    () => new X509Certificate(cert),
    `${files.certPath} holds no certificate (PEM)`,
  )
  const privateKey = attempt(
    () => createPrivateKey(key),
    `${files.keyPath} holds no private key (PEM, without a passphrase)`,
  )
  if (!certificate.checkPrivateKey(privateKey)) {
    throw invalid(`${files.keyPath} is not the key of ${files.certPath}`)
  }
  attempt(() => createSecureContext({ cert, key }), `${files.certPath} cannot be used`)
  return {
    ...{ cert, key, certificate, fingerprint: fingerprintOf(cert, key) },
    endsAt: Date.parse(certificate.validTo),
  }
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    throw invalid(`${path} cannot be read${code === undefined ? '' : ` (${code})`}`)
  }
}

function fingerprintOf(cert: string, key: string): string {
  return createHash('sha256').update(`${cert.length}:`).update(cert).update(key).digest('base64url')
}

function attempt<T>(work: () => T, explanation: string): T {
  try {
    return work()
  } catch {
    // What openssl says of a key may hold parts of it.
    throw invalid(explanation)
  }
}

function invalid(explanation: string): Error {
  return tlsErrors.certificate_invalid({ explanation })
}
