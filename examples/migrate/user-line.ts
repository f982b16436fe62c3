import { closeSync, fchmodSync, openSync, writeSync } from 'node:fs'

/** A key of a program, without the scopes that the import asks for. */
export interface OldKey {
  readonly name: string
  readonly sha256: string
  readonly expiresAt?: number | undefined
}

/** One line of the file that `holdfast import` reads; docs/guides/import-users.md describes it. */
export interface UserLine {
  readonly id: string
  readonly email: string
  readonly emailVerified: boolean
  readonly username?: string | undefined
  readonly displayName?: string | undefined
  readonly passwordHash?: string | undefined
  readonly roles?: readonly string[] | undefined
  readonly createdAt?: number | undefined
  readonly disabled?: true | undefined
  readonly totpSecret?: string | undefined
  readonly apiKeys?: readonly OldKey[] | undefined
}

/** What was read, and what its reader has to know. */
export interface Migration {
  readonly lines: readonly UserLine[]
  /** Sentences for the person at the terminal; none holds an address. */
  readonly notes: readonly string[]
}

/** Writes the lines to a file that nobody else can read: it holds password hashes and secrets. */
export function writeLines(path: string, lines: readonly UserLine[]): void {
  const file = openSync(path, 'w', 0o600)
  try {
    fchmodSync(file, 0o600)
    for (const line of lines) writeSync(file, `${JSON.stringify(line)}\n`)
  } finally {
    closeSync(file)
  }
}

/** A name that fits, or none: it is shown and decides nothing. */
export function displayNameOf(name: string | undefined): string | undefined {
  return name?.slice(0, 100).replace(/[\ud800-\udbff]$/, '')
}
