import { defineErrors } from '../errors/index.ts'

/** Why a delivery was not taken, and what went wrong with one that was. */
export const webhookErrors = defineErrors({
  webhook_signature_invalid: {
    status: 401,
    title: 'Invalid signature',
    detail:
      'The signature does not fit the body. Check the secret, and that nothing on the way rewrites the body.',
  },
  webhook_expired: {
    status: 401,
    title: 'Delivery too old',
    detail:
      'The delivery was signed too long ago, or for a time to come. Send it anew, or check the clock.',
  },
  webhook_raw_body_lost: {
    status: 503,
    title: 'Raw body lost',
    detail:
      'The bytes of this delivery were read before they could be verified. Its developers have been told.',
  },
  webhook_delivery_not_found: {
    status: 404,
    title: 'Delivery not found',
    detail: 'There is no delivery of this id.',
  },
  webhook_not_retryable: {
    status: 409,
    title: 'Nothing to retry',
    detail:
      'Only a delivery that was given up can be tried again, and only while its payload is kept.',
  },
  webhook_invalid: {
    status: 500,
    title: 'Invalid webhook',
    detail: 'A webhook is not set up in a way that could work. Its developers have been told.',
  },
})
