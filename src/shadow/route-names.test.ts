import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { RouteNames, unknownRoute } from './route-names.ts'

function namesOf(...paths: string[]): RouteNames {
  const names = new RouteNames()
  names.learn(paths)
  return names
}

describe('the name of a route', () => {
  const names = namesOf(
    ...['/', '/orders', '/orders/:id', '/orders/new', '/orders/:id/lines/:line'],
    ...['/admin/users/{id}', '/files/*path', '/list{/:page}', '/report{.:format}', '/static/*'],
    ...['/x-:id.json'],
  )

  it.each([
    ['GET', '/', 'GET /'],
    ['GET', '/orders', 'GET /orders'],
    ['GET', '/orders/', 'GET /orders'],
    ['GET', '/ORDERS/7', 'GET /orders/:id'],
    ['POST', '/orders/new', 'POST /orders/new'],
    ['GET', '/orders/7/lines/secret', 'GET /orders/:id/lines/:line'],
    ['GET', '/orders/new/lines/1', 'GET /orders/:id/lines/:line'],
    ['DELETE', '/admin/users/0199', 'DELETE /admin/users/{id}'],
    ['GET', '/files/a/b/c', 'GET /files/*path'],
    ['GET', '/files', 'GET /files/*path'],
    ['GET', '/static/js/app.js', 'GET /static/*'],
    ['GET', '/list', 'GET /list{/:page}'],
    ['GET', '/list/4', 'GET /list{/:page}'],
    ['BREW', '/orders', 'OTHER /orders'],
    ['GET', '/orders/7/secret', `GET ${unknownRoute}`],
    ['GET', '/order%73', `GET ${unknownRoute}`],
  ])('%s %s is told as %s', (method, path, name) => {
    expect(names.nameOf({ method, path })).toBe(name)
  })

  it('holds no word that only the sender wrote', () => {
    const learnt = ['/orders', '/orders/:id', '/:tenant/lines', '/files/*path']
    const own = namesOf(...learnt)
    const possible = [...learnt, unknownRoute]
    fc.assert(
      fc.property(
        fc.string(),
        fc.oneof(fc.string(), fc.webPath(), fc.constantFrom(...learnt)),
        (method, path) => {
          const [verb, ...route] = own.nameOf({ method, path }).split(' ')
          expect(verb).toMatch(/^(GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS|OTHER)$/)
          expect(possible).toContain(route.join(' '))
        },
      ),
    )
  })

  it('leaves out regular expressions, which are no names', () => {
    expect(namesOf('/^\\/orders$/').nameOf({ method: 'GET', path: '/orders' })).toBe(
      `GET ${unknownRoute}`,
    )
  })

  it('takes a path of any length in bounded work', () => {
    const deep = `/${'a/'.repeat(5_000)}`
    expect(namesOf('/:a/:b').nameOf({ method: 'GET', path: deep })).toBe(`GET ${unknownRoute}`)
  })
})
