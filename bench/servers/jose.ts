import express, { type RequestHandler } from 'express'
import { exportJWK, generateKeyPair, type JWTPayload, jwtVerify, SignJWT } from 'jose'
import { serve } from './control.ts'

interface Choice {
  readonly tokens: number
}

const issuer = 'https://shop.example'

/**
 * Express with the middleware that a team writes with jose: EdDSA, issuer, audience and type
 * checked, the permission read from the token. It knows no revocation, limits or headers.
 */
await serve<Choice>(async ({ tokens }) => {
  const { privateKey, publicKey } = await generateKeyPair('EdDSA')
  const kid = (await exportJWK(publicKey)).x ?? ''
  const mint = (number: number) =>
    new SignJWT({ sid: `session-${number}`, permissions: ['read:orders'] })
      .setProtectedHeader({ alg: 'EdDSA', typ: 'at+jwt', kid })
      .setIssuer(issuer)
      .setAudience(issuer)
      .setSubject(`user-${number}`)
      .setIssuedAt()
      .setExpirationTime('15m')
      .sign(privateKey)
  const guard =
    (permission: string): RequestHandler =>
    async (request, response, next) => {
      const claims = await verified(request.headers.authorization)
      if (!claims) return void response.status(401).json({ error: 'unauthenticated' })
      const held = claims.permissions as readonly string[]
      if (!held.includes(permission)) return void response.status(403).json({ error: 'forbidden' })
      next()
    }
  const app = express()
  app.get('/orders', guard('read:orders'), (_request, response) => {
    response.json({ id: 'order-1', total: 42 })
  })
  const minted = await Promise.all(Array.from({ length: tokens }, (_, number) => mint(number)))
  return { server: app, details: { tokens: minted } }

  async function verified(header: string | undefined): Promise<JWTPayload | undefined> {
    if (!header?.startsWith('Bearer ')) return undefined
    try {
      const expected = { issuer, audience: issuer, typ: 'at+jwt', algorithms: ['EdDSA'] }
      return (await jwtVerify(header.slice(7), publicKey, expected)).payload
    } catch {
      return undefined
    }
  }
})
