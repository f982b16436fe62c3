import type { UploadStorePort, UploadTypeName } from './options-uploads.ts'

/** Uploaded files. */
export interface UploadConfig {
  readonly directory: string
  /** Absent: the directory itself. */
  readonly store?: UploadStorePort
  readonly types: readonly UploadTypeName[]
  readonly maxBytes: number
  readonly maxPixels: number
  readonly maxUnpackedBytes: number
  readonly timeoutMs: number
}
