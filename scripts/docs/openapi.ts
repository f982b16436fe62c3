import { openApiDocument } from '../../src/openapi.ts'
import { createTestSecurity } from '../../src/testing/index.ts'
import { version } from '../../src/version.ts'

/**
 * docs/openapi.json: the API of a server with default options, as `GET /openapi.json` of yours tells
 * it under your own name and address.
 */
export async function openApiReference(): Promise<string> {
  const { close, security } = await createTestSecurity()
  try {
    const { routes } = security
    const info = { title: 'Holdfast', version, serverUrl: 'https://example.com' }
    return `${JSON.stringify(openApiDocument(routes, info), undefined, 2)}\n`
  } finally {
    await close()
  }
}
