import type { ExplainedRule, Explanation } from '../src/http/index.ts'
import type { Security } from '../src/security.ts'
import { appOptions, withAppSecurity } from './app-module.ts'
import {
  answer,
  type Command,
  CommandFailure,
  type CommandInput,
  stringOption,
  UsageError,
} from './command.ts'

export const accessExplain: Command = {
  name: 'access explain',
  summary:
    'Say why somebody may do something or not: the rule that decides, and all that have a say.',
  options: {
    user: { type: 'string', value: 'ACCOUNT', needed: true, help: 'Address, username or id.' },
    permission: {
      type: 'string',
      value: 'PERMISSION',
      needed: true,
      help: 'Such as update:projects.',
    },
    object: {
      type: 'string',
      value: 'JSON',
      help: 'The row it is about, with every column that a rule reads.',
    },
    organisation: {
      type: 'string',
      value: 'ORGANISATION',
      help: 'Id or short name: roles held there count too.',
    },
    level: {
      type: 'string',
      value: '1|2',
      help: 'Level of the session that is thought of; 2 unless given.',
    },
    ...appOptions,
  },
  notes:
    "Without --app the system's roles and those that administrators made are known, but neither roles, resources nor the matrix of your app. Times of day are those of now.",
  async run(input) {
    const asked = questionOf(input)
    const explanation = await withAppSecurity(input, async (security) => {
      const account = await security.users.find(asked.user)
      if (!account) return undefined
      return security.access.explain({ ...asked.question, userId: account.id })
    })
    if (!explanation) throw new CommandFailure(`There is no account '${asked.user}'.`)
    answer(input, explanation, describe(explanation))
    return 0
  },
}

type Question = Omit<Parameters<Security['access']['explain']>[0], 'userId'>

function questionOf(input: CommandInput): { readonly user: string; readonly question: Question } {
  const [user, permission, organisation] = ['user', 'permission', 'organisation'].map((name) =>
    stringOption(input, name),
  )
  if (user === undefined || permission === undefined) {
    throw new UsageError(
      'holdfast access explain needs --user ACCOUNT and --permission PERMISSION.',
    )
  }
  const object = objectOf(stringOption(input, 'object'))
  return {
    user,
    question: {
      permission,
      level: levelOf(stringOption(input, 'level')),
      ...(object === undefined ? {} : { object }),
      ...(organisation === undefined ? {} : { organisation }),
    },
  }
}

function objectOf(text: string | undefined): Readonly<Record<string, unknown>> | undefined {
  if (text === undefined) return undefined
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value }
  } catch {
    // Told below: what is no JSON is no object either.
  }
  throw new UsageError(`--object is one object as JSON, such as '{"owner_id":"..."}'.`)
}

function levelOf(text = '2'): 1 | 2 {
  if (text === '1' || text === '2') return text === '1' ? 1 : 2
  throw new UsageError('--level is 1 or 2.')
}

const reasons: Readonly<Record<Explanation['reason'], string>> = {
  allowed: 'allowed',
  no_rule: 'refused: no rule of a role reaches it',
  denied: 'refused: a rule denies it',
  condition: 'refused: the rules that reach it hold for some rows, and not for this question',
  level: 'refused: the session is below the level that policy demands',
  organisation:
    'refused: roles that are held in an organisation reach no resource that declares no `tenant`, and by a wildcard nothing but `read` of `tenant: false`',
  scope: 'refused: the scopes of the API key do not reach it',
  unknown: 'refused: no such resource or action',
  user_unknown: 'refused: there is no such account',
  account_closed: 'refused: the account is not in use, so that nobody signs in to it',
  organisation_unknown:
    'refused: there is no such organisation, or the account does not belong to it',
}

function describe({ permission, reason, rule, rules }: Explanation): string {
  const others = rules.filter((one) => one !== rule)
  return [
    `${permission}: ${reasons[reason]}`,
    ...(rule ? [`  decided by  ${ruleText(rule)}`] : []),
    ...others.map((one) => `  also        ${ruleText(one)}`),
  ].join('\n')
}

function ruleText({
  effect,
  met,
  organisation,
  pattern,
  role,
  through,
  when,
}: ExplainedRule): string {
  const way = through.length > 0 ? ` through ${through.join(', ')}` : ''
  const where = organisation === undefined ? '' : ` in organisation ${organisation}`
  const condition = when ? ` when ${JSON.stringify(when)}` : ''
  const outcome = met === undefined ? '' : met ? ' (met)' : ' (not met)'
  return `${effect} ${pattern}${condition}${outcome}, role ${role}${way}${where}`
}
