import { defineErrors } from '../errors/index.ts'

/** Refusals of signed requests and of sealed fields, and mistakes in what an app says about them. */
export const signatureErrors = defineErrors({
  signature_required: {
    status: 401,
    title: 'Signature required',
    detail:
      'This request has to be signed (RFC 9421), with created, nonce and keyid. Accept-Signature names what it has to cover.',
  },
  signature_invalid: {
    status: 401,
    title: 'Signature invalid',
    detail:
      'The signature of the request does not stand: it covers too little, was made by another key, or the request was changed. Accept-Signature names what it has to cover.',
  },
  signature_expired: {
    status: 401,
    title: 'Signature expired',
    detail:
      'The signature was made outside the time in which it counts. Set the clock right and sign anew.',
  },
  signature_replayed: {
    status: 401,
    title: 'Signature used before',
    detail: 'A request with this nonce has been taken. Each request needs a nonce of its own.',
  },
  signing_key_invalid: {
    status: 400,
    title: 'Key invalid',
    detail: 'The key has to be the public JWK of an Ed25519 or P-256 key.',
  },
  field_encryption_invalid: {
    status: 400,
    title: 'Field not readable',
    detail:
      'An encrypted field could not be opened. Fetch the keys of this service again and encrypt the field for the place where it is sent.',
  },
  signature_key_unusable: {
    status: 500,
    title: 'Key that cannot sign',
    detail:
      'The key with which a request should be signed is none for the algorithm that was named.',
  },
  signature_rules_invalid: {
    status: 500,
    title: 'Invalid rules of signatures',
    detail: 'The rules for signatures or encrypted fields of a route are not what they may be.',
  },
})
