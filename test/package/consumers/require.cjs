// CommonJS: Node 22.12 and later load ES modules by require() when nothing in them awaits at the top.
const express = require('express')
const { createSecurity } = require('holdfast/express')
const { createTestSecurity } = require('holdfast/testing')
const { listener } = require('holdfast/node')
const { version } = require('holdfast')

async function main() {
  const kit = await createTestSecurity({}, createSecurity)
  const app = kit.security.protect(express())
  app.get('/orders', kit.security.guard('read:orders'), (_request, response) => response.json([]))
  const server = app.listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const { status } = await fetch(`http://127.0.0.1:${server.address().port}/orders`)
  server.close()
  await kit.close()
  console.log(JSON.stringify({ status, version, listener: typeof listener }))
}

main()
