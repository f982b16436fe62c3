import { commands } from '../../cli/commands.ts'
import { commandHelp, programHelp } from '../../cli/help.ts'
import { generatedNote } from './markdown.ts'

/** docs/command-line.md: the help of every command, and how the first administrator comes to be. */
export function commandLineReference(): string {
  const sections = commands.map(
    (one) => `## \`${one.name}\`\n\n\`\`\`text\n${commandHelp(one)}\n\`\`\``,
  )
  return `# Command line

${generatedNote('the commands in cli/')}

\`\`\`text
${programHelp(commands)}
\`\`\`

Exit codes: 0 done, 1 failed, 2 written wrongly, 3 done but for some lines (\`import\`). Results stand on standard output, everything else on standard error; with \`--json\` both are JSON.

## The first administrator, and a lost one

Nobody can register as an administrator. Whoever holds the database and the secrets makes one at the command line:

\`\`\`sh
holdfast users create --email root@example.com --role super_admin
holdfast users create --email root@example.com --password - --role super_admin < password.txt
\`\`\`

The first form asks for the password, the second reads it from standard input. \`DATABASE_URL\` and \`MASTER_ENCRYPTION_KEY\` must be those of the running service (beside \`holdfast serve --dev\`: give \`--dev\` and the same HOLDFAST_DATA_DIR); the answer names the database, with \`(new)\` when the command has just made it, which means that your app uses another one. \`BASE_URL\` is needed in production, and by commands that mail a link (\`users invite\`, \`users force-reset\`): no address is guessed. The address counts as verified, the password meets the same policy as any other, and the account, its role and the name of the person at the command line are in the audit log. A password written on the command line works with a warning, because process lists and shell histories keep it.

The command line does not run your app, so it knows the system's roles only; the app gives its own with \`security.users.grantRole(...)\`.

## A forgotten password

\`\`\`sh
holdfast users password ada@example.com
\`\`\`

sets a new one and ends the sessions of the account. People do this by themselves at \`/account/forgot\`; \`holdfast users force-reset ADDRESS --reason TEXT\` makes them.

${sections.join('\n\n')}
`
}
