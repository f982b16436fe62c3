import type { Express, RequestHandler } from 'express'
import { webhookErrors } from '../../webhooks/index.ts'
import { routerOf } from './layers.ts'
import type { Parts } from './types.ts'

/** How the parsers of Express and of body-parser are called. */
const parsers = ['jsonParser', 'urlencodedParser', 'textParser']

/**
 * Throws `webhook_raw_body_lost` for an app with webhooks in which a parser stands before `middleware`:
 * what it leaves of a body are values, and signatures are about bytes.
 */
export function checkParserOrder(
  { webhookPaths }: Parts,
  app: Express,
  middleware: RequestHandler,
): void {
  if (webhookPaths.isEmpty) return
  const { stack } = routerOf(app)
  const ours = stack.findIndex((layer) => layer.handle === middleware)
  const parser = stack.slice(0, ours).find(({ name }) => parsers.includes(name))
  if (!parser) return
  const explanation = `${parser.name} stands before security.middleware(), so webhooks of this app could verify nothing. Mount security.middleware() first, or call security.protect(app).`
  throw webhookErrors.webhook_raw_body_lost({ explanation })
}
