import { defineErrors } from '../../errors/index.ts'

/** Thrown while a server is being started, never by a request. */
export const tlsErrors = defineErrors({
  certificate_invalid: {
    status: 500,
    title: 'Certificate cannot be used',
    detail: 'The certificate or the key of this server cannot be used. Its log says why.',
  },
})
