import type { UploadStorePort } from './options-uploads.ts'

/** Uploaded files. */
export interface UploadConfig {
  readonly directory: string
  /** Absent: the directory itself. */
  readonly store?: UploadStorePort
  readonly types: readonly ('pdf' | 'png' | 'jpg' | 'doc' | 'docx' | 'gif' | 'webp')[]
  readonly maxBytes: number
  readonly maxPixels: number
  readonly maxUnpackedBytes: number
  readonly timeoutMs: number
}
