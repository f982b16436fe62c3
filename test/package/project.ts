import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { type RunOptions, run } from './run.ts'

export interface ProjectOptions {
  readonly folder: string
  /** The registry that npm asks; without one the configured registry. */
  readonly registry?: string
  /** What `npm install` is given. */
  readonly packages: readonly string[]
  /** Further lines of package.json. */
  readonly manifest?: Readonly<Record<string, unknown>>
}

/** Somebody else's project with Holdfast in it. */
export class Project {
  readonly folder: string

  constructor(folder: string) {
    this.folder = folder
  }

  write(path: string, text: string): void {
    const file = join(this.folder, path)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, text)
  }

  run(program: string, args: readonly string[], options: Partial<RunOptions> = {}) {
    return run(program, args, { cwd: this.folder, ...options })
  }

  /** Names of what stands in node_modules, as `@scope/name`. */
  installed(): string[] {
    const top = readdirSync(join(this.folder, 'node_modules')).filter((name) => !/^\./.test(name))
    return top
      .flatMap((name) => {
        if (!name.startsWith('@')) return [name]
        return readdirSync(join(this.folder, 'node_modules', name)).map((own) => `${name}/${own}`)
      })
      .sort()
  }
}

/** Makes an empty project and runs `npm install` in it, install scripts included. */
export async function installProject(options: ProjectOptions): Promise<Project> {
  const project = new Project(options.folder)
  const manifest = { name: 'consumer', private: true, ...options.manifest }
  project.write('package.json', JSON.stringify(manifest))
  const flags = ['--no-audit', '--no-fund', '--loglevel=error', '--fetch-retries=1']
  const own = options.registry
    ? ['--registry', options.registry, '--cache', join(options.folder, '.npm-cache')]
    : []
  const result = await project.run('npm', ['install', ...flags, ...own, ...options.packages])
  if (result.code !== 0) throw new Error(`npm install failed:\n${result.stdout}${result.stderr}`)
  return project
}
