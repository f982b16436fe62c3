import { defineErrors } from '../errors/index.ts'

export const limitErrors = defineErrors({
  rate_limited: {
    status: 429,
    title: 'Too many requests',
    detail: 'You have used up this limit. Wait as many seconds as "retryAfter" says.',
  },
  limit_unavailable: {
    status: 503,
    title: 'Limit cannot be checked',
    detail: 'Your request could not be counted right now, so it was refused. Try again shortly.',
  },
  valkey_driver_missing: {
    status: 500,
    title: 'Valkey driver missing',
    detail:
      'Limits in Valkey or Redis need a package that is not installed. Run: npm install ioredis',
  },
  limit_policy_invalid: {
    status: 500,
    title: 'Invalid limit',
    detail:
      'A limit needs a plain name and whole, positive points, window and block. The message of the error says which.',
  },
  limit_policy_unknown: {
    status: 500,
    title: 'Unknown limit',
    detail: 'There is no limit of this name. The message of the error names those that there are.',
  },
})
