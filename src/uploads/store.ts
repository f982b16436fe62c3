import { chmod, mkdir, open, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import type { UploadType } from './types.ts'

/** An accepted file, whole and looked through. */
export interface UploadedFile {
  /** UUIDv7; nothing of it came from the sender. */
  readonly id: string
  /** Where the store keeps it: the id and the extension of its type. */
  readonly fileName: string
  readonly type: UploadType
  readonly mediaType: string
  readonly size: number
  /** SHA-256 in hexadecimal. */
  readonly sha256: string
  /** The form's field that it came in. */
  readonly field: string
  /** What the sender called it, made fit to be shown; never a path. */
  readonly displayName: string
  /** Nobody but who knows its password could look into it. */
  readonly encrypted?: true
  /** Pixels, of images. */
  readonly width?: number
  readonly height?: number
}

/** Where accepted files are kept. The default is a directory; another may be an object store. */
export interface UploadStore {
  /** Takes the file at `path`, by moving or copying it. It is whole, and on the disk. */
  keep(file: UploadedFile, path: string): Promise<void>
  /** The bytes of a file, or undefined when there is none of this name. */
  open(fileName: string): Promise<Readable | undefined>
  remove(fileName: string): Promise<void>
}

/** Names that we have made, and no others: nothing that a request holds can lead elsewhere. */
export function isStoredName(fileName: string): boolean {
  return /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\.[a-z0-9]{2,5}$/.test(fileName)
}

/** Files in a directory that only this process' user may enter. Keep it outside what is served. */
export class DirectoryStore implements UploadStore {
  readonly #directory: string

  constructor(directory: string) {
    this.#directory = directory
  }

  async keep({ fileName }: UploadedFile, path: string): Promise<void> {
    await rename(path, join(this.#directory, fileName))
  }

  async open(fileName: string): Promise<Readable | undefined> {
    if (!isStoredName(fileName)) return undefined
    const handle = await open(join(this.#directory, fileName), 'r').catch(absent)
    return handle?.createReadStream()
  }

  async remove(fileName: string): Promise<void> {
    if (isStoredName(fileName)) await rm(join(this.#directory, fileName), { force: true })
  }
}

/** Makes a directory that only its owner may enter, also where it was there before. */
export async function privateDirectory(path: string): Promise<void> {
  await mkdir(path, { recursive: true, mode: 0o700 })
  await chmod(path, 0o700)
}

function absent(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error
}
