/** English words of organisations. */
export const englishOrganisations = {
  invitation: {
    title: 'Join {organisation}',
    intro: 'You are invited to the organisation {organisation}.',
    whose:
      'The invitation was sent to {email}, and only the account of this address can accept it.',
    signIn: 'Sign in to accept',
    register: 'No account yet? Register with this address, then open the invitation again.',
    foreign:
      'You are signed in with another account than that of {email}. Sign out, and open the invitation again with the right one.',
    action: 'Join',
    doneTitle: 'You belong to {organisation}',
    done: 'You have accepted the invitation. What you may do there is decided by its owners.',
    doneAction: 'To your account',
    unusable:
      'It was used before, was taken back or has expired, or it was sent to another address than that of your account. Ask whoever invited you for a new one.',
  },
}
