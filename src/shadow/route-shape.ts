import type { Exchange } from '../http/index.ts'

const mostSegments = 8
/** Words of routes: anything else, such as ids, names and attacks, is somebody's data. */
const word = /^[a-z][a-z_.-]{0,39}$|^v\d{1,3}$/i

/**
 * The method and the path of a request with everything that looks like data left out: `GET /orders/:id`.
 * The controls speak before any router, so the pattern of the route itself is not known yet.
 */
export function routeShape({ method, path }: Pick<Exchange, 'method' | 'path'>): string {
  const segments = path.split('/').slice(1, mostSegments + 2)
  const shown = segments
    .slice(0, mostSegments)
    .map((segment) => (segment === '' || word.test(segment) ? segment : ':id'))
  const more = segments.length > mostSegments ? '/...' : ''
  const verb = /^[A-Z]{1,10}$/.test(method) ? method : 'OTHER'
  return `${verb} /${shown.join('/')}${more}`
}
