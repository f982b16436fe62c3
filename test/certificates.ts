import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe } from 'vitest'
import { findProgram } from './services/binaries.ts'

/** A certificate with its key, as files and as text. */
export interface TestPair {
  readonly certPath: string
  readonly keyPath: string
  readonly cert: string
  readonly key: string
}

/** An authority that exists for one test file. */
export interface TestAuthority {
  readonly folder: string
  /** The authority's own certificate. */
  readonly ca: string
  readonly caPath: string
  /** Issues a certificate for names of the form `DNS:localhost` or `IP:127.0.0.1`. */
  issue(file: string, names: readonly string[], days?: number): TestPair
  remove(): void
}

/** Makes an authority with the `openssl` of the machine. */
export function makeAuthority(): TestAuthority {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-ca-'))
  const at = (name: string) => join(folder, name)
  const openssl = (...values: string[]) =>
    execFileSync('openssl', values, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] })
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes']
  openssl(
    ...['req', '-x509', ...newKey, '-subj', '/CN=Test authority', '-days', '30'],
    ...['-keyout', 'ca.key', '-out', 'ca.pem'],
  )
  return {
    folder,
    ca: readFileSync(at('ca.pem'), 'utf8'),
    caPath: at('ca.pem'),
    issue(file, names, days = 10) {
      openssl(
        ...['req', ...newKey, '-subj', `/CN=${file}`, '-keyout', `${file}.key`],
        ...['-out', `${file}.csr`],
      )
      writeFileSync(at(`${file}.ext`), `subjectAltName=${names.join(',')}\n`)
      openssl(
        ...['x509', '-req', '-in', `${file}.csr`, '-CA', 'ca.pem', '-CAkey', 'ca.key'],
        ...['-CAcreateserial', '-days', String(days), '-extfile', `${file}.ext`],
        ...['-out', `${file}.pem`],
      )
      const [certPath, keyPath] = [at(`${file}.pem`), at(`${file}.key`)]
      const [cert, key] = [readFileSync(certPath, 'utf8'), readFileSync(keyPath, 'utf8')]
      return { certPath, keyPath, cert, key }
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  }
}

/** A suite that needs `openssl`: skipped visibly where there is none, an error with CI=true. */
export function describeOpenssl(title: string, suite: () => void): void {
  const here = findProgram('openssl') !== undefined
  if (!here && process.env.CI === 'true') throw new Error('openssl is not installed.')
  describe.skipIf(!here)(title, suite)
}
