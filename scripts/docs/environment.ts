import { type EnvVariable, envSections } from '../../src/config/index.ts'
import { generatedNote, table } from './markdown.ts'

/** docs/environment.md: every variable with its meaning. */
export function environmentReference(): string {
  const sections = envSections.map(({ title, variables }) => {
    const rows = variables.map((one) => [
      `\`${one.name}\``,
      meaningOf(one),
      optionsOf(one),
      exampleOf(one),
    ])
    return `## ${title}\n\n${table(['Variable', 'Meaning', 'Option', 'Example'], rows)}`
  })
  return `# Environment

${generatedNote('src/config/env-table.ts')}

The command line and the stand-alone server read these; an app that embeds Holdfast passes options instead (see [configuration](configuration.md)) or calls \`optionsFromEnv(process.env)\`. A variable that is empty counts as not set. A bad value stops the start with the name of the variable; one that is not used yet, no longer used or misspelt is announced.

${sections.join('\n\n')}
`
}

/** .env.example: every variable, commented out unless it is needed. */
export function envExample(): string {
  const sections = envSections.map(({ title, variables }) => {
    const rule = `# --- ${title} `.padEnd(80, '-')
    return [rule, ...variables.map(exampleEntry)].join('\n\n')
  })
  return `# Copy to .env, fill in what you need, and keep that file out of version control.
# ${generatedNote('src/config/env-table.ts')}

${sections.join('\n\n')}
`
}

function exampleEntry(variable: EnvVariable): string {
  const words = wrap(meaningOf(variable).replaceAll('`', ''), 78)
  const line = `${variable.name}=${variable.example ?? ''}`
  const needed = variable.name === 'MASTER_ENCRYPTION_KEY'
  return `${words.map((text) => `# ${text}`).join('\n')}\n${needed ? line : `# ${line}`}`
}

function meaningOf({ meaning, comesWith, retired, secret }: EnvVariable): string {
  const state = [
    ...(comesWith ? [`Not used yet: comes with ${comesWith}.`] : []),
    ...(retired ? [`No longer used, because ${retired}.`] : []),
    ...(secret ? ['Secret.'] : []),
  ]
  return [meaning, ...state].join(' ')
}

function optionsOf({ option }: EnvVariable): string {
  return (option?.split(' ') ?? []).map((path) => `\`${path}\``).join(', ')
}

function exampleOf({ example }: EnvVariable): string {
  return example === undefined ? '' : `\`${example}\``
}

function wrap(text: string, width: number): string[] {
  const lines = text.match(new RegExp(`\\S.{0,${width - 2}}(?=\\s|$)|\\S+`, 'g'))
  return lines ?? []
}
