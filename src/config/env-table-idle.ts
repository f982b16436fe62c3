import type { EnvSection } from './env-table.ts'

/** Variables that set nothing: those that an app reads, those that something later will use, and those that nothing uses any more. */
export const idleSections: readonly EnvSection[] = [
  {
    title: 'Read by your own app',
    variables: [
      {
        name: 'SHOPIFY_WEBHOOK_SECRET',
        secret: true,
        meaning:
          'Shared secret of Shopify webhooks. Holdfast does not read it by itself: your app gives it to `security.webhook`, and `holdfast webhooks send --secret-env` signs with it.',
      },
    ],
  },
  {
    title: 'Not used yet',
    variables: [
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
