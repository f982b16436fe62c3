import { existsSync, readFileSync } from 'node:fs'

/** The version of this package, whether it runs from its sources or from dist/. */
export function packageVersion(): string {
  const places = ['../package.json', '../../package.json'].map(
    (path) => new URL(path, import.meta.url),
  )
  const place = places.find((one) => existsSync(one))
  const manifest: unknown = place && JSON.parse(readFileSync(place, 'utf8'))
  return String(manifest && Reflect.get(manifest, 'version'))
}
