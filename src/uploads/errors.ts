import { defineErrors } from '../errors/index.ts'

/** Refusals of uploads. None of them says what was in a file. */
export const uploadErrors = defineErrors({
  multipart_invalid: {
    status: 400,
    title: 'Form not readable',
    detail:
      'The body is not multipart/form-data as RFC 7578 describes it, or has fields that are not taken here.',
  },
  upload_missing: {
    status: 400,
    title: 'File missing',
    detail: 'The form holds no file, and one has to be sent here.',
  },
  upload_type_refused: {
    status: 415,
    title: 'File type refused',
    detail: 'By its content, whatever its name, the file is of no type that is taken here.',
  },
  upload_too_large: {
    status: 413,
    title: 'File too large',
    detail: 'A file, or all of the form together, has more bytes than are taken here.',
  },
  upload_too_many: {
    status: 413,
    title: 'Too many files',
    detail: 'The form holds more files or fields than are taken here.',
  },
  upload_unsafe: {
    status: 400,
    title: 'File not safe',
    detail:
      'The file is damaged, or holds what its type should not: something before or behind it, macros, or far more than its size tells.',
  },
})
