import { defineErrors } from '../errors/index.ts'

/** What a client is told whose request looks like an attack: never which rule spoke. */
export const detectionErrors = defineErrors({
  request_suspicious: {
    status: 403,
    title: 'Request refused',
    detail:
      'Something in this request looks like an attack, so it was refused. Nothing was changed. If you meant no harm, send its request id to the administrators.',
  },
  body_encoding_unknown: {
    status: 415,
    title: 'Unknown encoding',
    detail:
      'The body is written in an encoding that this server does not look through for attacks, so it was refused. Nothing was changed. Send it as UTF-8.',
  },
  inspection_cut_short: {
    status: 413,
    title: 'Too much to look through',
    detail:
      'The request holds more than this server looks through for attacks, so it was refused. Nothing was changed. Send it in smaller parts.',
  },
})
