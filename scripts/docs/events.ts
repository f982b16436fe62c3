import { eventDefinitions } from '../../src/composition/index.ts'
import type { EventName } from '../../src/events/index.ts'
import { generatedNote, table } from './markdown.ts'

/** What each event says; an event without its line does not compile. */
const meanings: Readonly<Record<EventName, string>> = {
  'access.refused':
    'A caller lacked a permission; all refusals of one permission to one caller within a minute are one event.',
  'account.closed': 'Its owner closed an account.',
  'account.exported': 'Its owner took the data of an account along.',
  'account.reported': '"This was not me": the account is locked until its owner takes it back.',
  'api_key.created': 'An API key was made; the record holds its id and scopes.',
  'api_key.decoy_created': 'A decoy was made: a key worth nothing, to be found by a thief.',
  'api_key.decoy_used':
    'Somebody showed a decoy for the first time: they have read what they should not.',
  'api_key.imported':
    'An API key of another system came with its owner; the record holds its id and scopes.',
  'api_key.revoked': 'An API key was ended.',
  'api_key.rotated': 'An API key has a successor, and works until `endsAt`.',
  'address.refused':
    'A rule about addresses refused one client; all refusals of a minute are one event, whose reason is that of the rule.',
  'client_key.registered': 'A session has a key of its client, which signs its requests.',
  'encryption_key.created':
    'Browsers encrypt fields to a new key; the one before opens for a week more.',
  'device.trusted': 'An owner spares a browser the second factor for a while.',
  'device.forgotten': 'A device was taken off the list; its next sign-in is that of a new one.',
  'email.change_requested': 'Its owner named a new address, which has to prove itself.',
  'email.change_undone':
    'The address before was put back by whoever reads it, and the account is locked.',
  'email.changed': 'The new address proved itself.',
  'factor.code_used': 'A recovery code proved a second factor; `left` says how many still work.',
  'factor.codes_renewed': 'A new set of recovery codes was made; those of before are dead.',
  'factor.demanded':
    'Policy demands a second factor of an account that has none, and the time to set one up has begun.',
  'factor.disabled': 'Its owner took a second factor away.',
  'factor.enabled': 'Its owner added a second factor, or replaced the app that made the codes.',
  'factor.reset':
    'An administrator, code or the command line took every second factor of an account away.',
  'factor.reset_requested':
    'An administrator asked for a reset of second factors, which waits for a second one.',
  'factor.reset_withdrawn':
    'The password or a second factor of an account changed while a reset waited for its second administrator, which ends the wait.',
  'guesses.refused':
    'Guesses at one credential were not evaluated, and `cause` says why; all of a minute are one event.',
  'ip_rule.added':
    'Addresses are allowed or denied from now on, or until another time than before.',
  'ip_rule.removed': 'A rule about addresses was ended.',
  'ip_rules.imported': 'Many addresses were allowed or denied at once.',
  'detection.blocked':
    'A rule recognised attacks of one client, which were refused; all of a minute are one event.',
  'limit.refused': 'A limit refused one key; all refusals of a minute are one event.',
  'organisation.closed': 'An organisation was closed for good.',
  'organisation.created': 'An organisation was made.',
  'organisation.invitation_accepted': 'The owner of an invited address joined an organisation.',
  'organisation.invitation_revoked': 'An invitation to an organisation was taken back.',
  'organisation.invited':
    'An invitation to an organisation was mailed; the record holds no address.',
  'organisation.member_added': 'Somebody became a member of an organisation.',
  'organisation.member_removed': 'Somebody left an organisation, or was removed from it.',
  'organisation.policy_changed': 'What an organisation demands of its members was replaced.',
  'organisation.renamed': 'An organisation got another name, short name or metadata.',
  'organisation.role_granted': 'A member holds a further role in an organisation.',
  'organisation.role_withdrawn': 'A member holds a role in an organisation no more.',
  'passkey.cloned':
    'A passkey signed with a counter that was seen before, so its key may be in two places; it was refused.',
  'passkey.renamed': 'Its owner gave a passkey another name; the record holds neither name.',
  'password.changed': 'Its owner replaced the password, having proven the one before.',
  'password.proof_attacked': 'Somebody signed in guesses at the password. Once a day.',
  'password.proof_failed': 'Somebody signed in could not prove the current password.',
  'password.reset': 'A new password was set with a mailed link; every session has ended.',
  'password.reset_requested':
    'A link for a new password was asked for; without `userId` nobody has the address.',
  'principal_role.granted':
    'A service account, or the keys of an organisation, hold a further role.',
  'principal_role.withdrawn':
    'A service account, or the keys of an organisation, hold a role no more.',
  'role.defined':
    'A role was made or changed while the app runs; the record keeps what it held before.',
  'role.granted': 'Somebody holds a further role.',
  'role.removed': 'A role that was made while the app runs is no more.',
  'role.withdrawn': 'Somebody holds a role no more.',
  'session.ended': 'A session ended: by its owner, an administrator or time.',
  'session.stepped_up':
    'The person behind a session proved again who they are, by the `factor` named.',
  'session.step_up_failed':
    'A second factor that was to prove the person behind a session again was not accepted.',
  'user.discarded':
    'A registration that nobody had confirmed went, because its address proved to be that of another account.',
  'sessions.ended': 'All sessions of a user ended, or all but one.',
  'service_account.created': 'An account of a program was made.',
  'service_account.disabled': 'An account of a program was closed: its keys stopped working.',
  'service_account.enabled': 'An account of a program was opened again.',
  'sign_in.attacked':
    'Strangers guess at a password, once a day; without `userId` nobody has the name.',
  'sign_in.factor_attacked':
    'Somebody who knows the password guesses at the second factor. Once a day for each factor.',
  'sign_in.factor_failed': 'The password was right, and a proof of the second factor was not.',
  'sign_in.failed': 'Nothing was issued. `cause` says why; the client does not learn it.',
  'sign_in.succeeded': 'A session was issued.',
  'signing_key.created': 'A key that signs access tokens was made.',
  'token.reused': 'A spent refresh token came again, so its session was ended: look into it.',
  'user.created': 'An administrator, code or the command line made an account.',
  'user.disabled': 'An account was closed to its owner.',
  'user.enabled': 'A disabled account was opened again.',
  'user.erased': 'An account was deleted with everything that hung on it.',
  'user.imported': 'An account came from another system by `holdfast import`.',
  'user.invited': 'A link was mailed to the owner of an account that was made for them.',
  'user.locked': 'An account was locked; without `until` somebody has to open it.',
  'user.password_set': 'An administrator or code set a password.',
  'user.registered': 'An address waits for its confirmation.',
  'user.reset_forced': 'A password was made useless and a link for a new one mailed.',
  'user.sessions_ended': 'An administrator ended the sessions of an account.',
  'user.unlocked': 'A lock was opened, and wrong guesses were forgotten.',
  'user.registration_repeated': 'An address was registered that has an account or waits.',
  'user.verification_resent': 'A new link was asked for; without `userId` nobody waits for one.',
  'user.verified': 'The owner confirmed the address; the account is active.',
  'webhook.failed':
    'A delivery of another service was given up: its handler failed in every attempt. Its payload is kept for a retry.',
  'webhook.retried': 'Somebody had such a delivery handled again.',
}

/** docs/events.md: every event with its severity and the payload members that are kept. */
export function eventReference(): string {
  const rows = Object.entries(eventDefinitions)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, { keep, severity }]) => [
      `\`${name}\``,
      severity,
      keep.map((key) => `\`${key}\``).join(', '),
      meanings[name as EventName],
    ])
  return `# Events

${generatedNote('src/composition/events.ts')}

\`\`\`ts
const end = security.on('token.reused', ({ at, origin, payload }) => {
  pager.alert(\`refresh token of \${payload.userId} was used twice\`, { at, ip: origin?.ip })
})
\`\`\`

A listener hears of an event after the change was committed, on the node that made it. It gets \`id\`, \`at\` (epoch milliseconds), \`name\`, \`actor\`, \`outcome\`, \`payload\`, and where known \`resource\`, \`reason\`, \`origin\` (address, user agent, request) and \`onBehalfOf\`. What it throws is logged and disturbs nobody. Calling \`end()\` stops it. Each event is also a row of the audit log, with the members of the payload that stand here and no others.

${table(['Event', 'Severity', 'Payload', 'Says'], rows)}
`
}
