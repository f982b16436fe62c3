import { randomBytes } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Settings } from './settings.ts'

/** The file that holds the secret of Shopify's webhooks where the environment does not. */
export function shopifySecretFile({ dataDir }: Pick<Settings, 'dataDir'>): string {
  return join(dataDir, 'shopify-webhook-secret')
}

/**
 * `SHOPIFY_WEBHOOK_SECRET`, which Shopify's admin shows, else a random one from a file for the owner
 * alone, made at the first start: with it `holdfast webhooks send` can try the route.
 */
export function shopifySecret(env: NodeJS.ProcessEnv, settings: Settings): string {
  const given = env.SHOPIFY_WEBHOOK_SECRET
  if (given) return given
  const file = shopifySecretFile(settings)
  mkdirSync(settings.dataDir, { recursive: true, mode: 0o700 })
  try {
    writeFileSync(file, `${randomBytes(32).toString('hex')}\n`, { flag: 'wx', mode: 0o600 })
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
  }
  return readFileSync(file, 'utf8').trim()
}
