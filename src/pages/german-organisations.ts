import type { englishOrganisations } from './english-organisations.ts'

/** German words of organisations. */
export const germanOrganisations: typeof englishOrganisations = {
  invitation: {
    title: '{organisation} beitreten',
    intro: 'Sie sind in die Organisation {organisation} eingeladen.',
    whose: 'Die Einladung ging an {email}, und nur das Konto dieser Adresse kann sie annehmen.',
    signIn: 'Anmelden und annehmen',
    register:
      'Noch kein Konto? Registrieren Sie sich mit dieser Adresse und öffnen Sie die Einladung dann noch einmal.',
    foreign:
      'Sie sind mit einem anderen Konto angemeldet als dem von {email}. Melden Sie sich ab und öffnen Sie die Einladung noch einmal mit dem richtigen.',
    action: 'Beitreten',
    doneTitle: 'Sie gehören zu {organisation}',
    done: 'Sie haben die Einladung angenommen. Was Sie dort tun dürfen, entscheiden die Inhaber.',
    doneAction: 'Zu Ihrem Konto',
    unusable:
      'Sie wurde schon benutzt, zurückgenommen oder ist abgelaufen, oder sie ging an eine andere Adresse als die Ihres Kontos. Bitten Sie um eine neue.',
  },
}
