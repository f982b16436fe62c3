import type { EnvSection } from './env-table.ts'

/** Variables that set nothing: those that something later will use, and those that nothing uses any more. */
export const idleSections: readonly EnvSection[] = [
  {
    title: 'Not used yet',
    variables: [
      {
        name: 'CSP_REPORT_URI',
        comesWith: 'the report endpoint for Content-Security-Policy',
        meaning: 'Where browsers report violations.',
      },
      {
        name: 'SHOPIFY_WEBHOOK_SECRET',
        secret: true,
        comesWith: 'an app of yours that gives it to security.webhook',
        meaning: 'Shared secret of Shopify webhooks.',
      },
      {
        name: 'SENTRY_DSN',
        secret: true,
        comesWith: 'error reporting',
        meaning: 'Where errors are reported.',
      },
    ],
  },
  {
    title: 'No longer used',
    variables: [
      {
        name: 'JWT_SECRET',
        secret: true,
        retired: 'signing keys are made by Holdfast, kept sealed in the database and rotated',
        meaning: 'Was the signing secret.',
      },
      {
        name: 'JWT_REFRESH_SECRET',
        secret: true,
        retired: 'refresh tokens are random and only their hash is stored',
        meaning: 'Was the signing secret of refresh tokens.',
      },
      {
        name: 'SESSION_SECRET',
        secret: true,
        retired: 'session cookies are random and only their hash is stored',
        meaning: 'Was the signing secret of session cookies.',
      },
      {
        name: 'ENCRYPTION_KEY',
        secret: true,
        retired: 'every key is derived from MASTER_ENCRYPTION_KEY',
        meaning: 'Was the key of stored data.',
      },
      {
        name: 'ENCRYPTION_IV',
        secret: true,
        retired: 'each value gets a fresh nonce; a fixed one breaks the encryption',
        meaning: 'Was the nonce of stored data.',
      },
    ],
  },
]
