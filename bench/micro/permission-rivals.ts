import { createMongoAbility, type MongoAbility } from '@casl/ability'
import { type Enforcer, newEnforcer, newModelFromString } from 'casbin'
import type { Loop, Loops } from './main.ts'
import { judging } from './permission-checks.ts'
import { asked, denied, twelveRoles } from './permission-roles.ts'

/** The same questions to CASL and casbin, split once into what they want to be asked. */
export const rivalLoops: Loops = {
  'CASL, literal': () => checkingAbility(abilityOf(asked)),
  'CASL, wildcard': () => checkingAbility(abilityOf(['read:*', 'write:*'])),
  'CASL, 12 roles': () => checkingAbility(abilityOf(twelveRoles.flat(), [denied])),
  'casbin, 12 roles': async () => checkingEnforcer(await enforcerOfTwelve()),
}

type Question = readonly [action: string, resource: string]

const questions = asked.map(split)

function split(permission: string): Question {
  const [action = '', ...resource] = permission.split(':')
  return [action, resource.join(':')]
}

/** CASL says `all` for every subject; it has no sub-resources, so those are subjects of their own. */
function abilityOf(allow: readonly string[], deny: readonly string[] = []): MongoAbility {
  const ruleOf = (inverted: boolean) => (pattern: string) => {
    const [action, resource] = split(pattern)
    return { action, subject: resource === '*' ? 'all' : resource, inverted }
  }
  return createMongoAbility([...allow.map(ruleOf(false)), ...deny.map(ruleOf(true))])
}

function checkingAbility(ability: MongoAbility): Loop {
  return judging(([action, resource]) => ability.can(action, resource), questions, split(denied))
}

const model = `
[request_definition]
r = sub, obj, act
[policy_definition]
p = sub, obj, act, eft
[role_definition]
g = _, _
[policy_effect]
e = some(where (p.eft == allow)) && !some(where (p.eft == deny))
[matchers]
m = g(r.sub, p.sub) && keyMatch(r.obj, p.obj) && r.act == p.act
`

async function enforcerOfTwelve(): Promise<Enforcer> {
  const enforcer = await newEnforcer(newModelFromString(model))
  for (const [at, patterns] of twelveRoles.entries()) {
    for (const [action, resource] of patterns.map(split)) {
      await enforcer.addPolicy(`role-${at}`, resource, action, 'allow')
    }
    await enforcer.addGroupingPolicy('buyer', `role-${at}`)
  }
  const [action, resource] = split(denied)
  await enforcer.addPolicy('role-0', resource, action, 'deny')
  return enforcer
}

function checkingEnforcer(enforcer: Enforcer): Loop {
  const has = ([action, resource]: Question) => enforcer.enforceSync('buyer', resource, action)
  return judging(has, questions, split(denied))
}
